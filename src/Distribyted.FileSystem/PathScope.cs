namespace Distribyted.FileSystem;

/// <summary>Some folders of a tree: what a user may see. Names are compared in any spelling (NFC, NFD), as lookups are. Immutable.</summary>
public sealed class PathScope
{
    private readonly VirtualPath[] _folders;

    /// <summary>These folders with all that is in them.</summary>
    public PathScope(IEnumerable<VirtualPath> folders)
    {
        _folders = [.. folders.Select(folder => folder.Normalized())];
    }

    /// <summary>The whole tree.</summary>
    public static PathScope All { get; } = new([VirtualPath.Root]);

    /// <summary>Whether the path is one of the folders or lies in one.</summary>
    public bool Contains(VirtualPath path)
    {
        return Locate(path) == ScopePlace.Inside;
    }

    internal ScopePlace Locate(VirtualPath path)
    {
        var normal = path.Normalized();
        var place = normal.IsRoot ? ScopePlace.OnTheWay : ScopePlace.Outside;
        foreach (var folder in _folders)
        {
            if (normal.StartsWith(folder))
            {
                return ScopePlace.Inside;
            }

            if (folder.StartsWith(normal))
            {
                place = ScopePlace.OnTheWay;
            }
        }

        return place;
    }

    /// <summary>Whether the path is inside but is not itself one of the folders: what lies there may be changed.</summary>
    internal bool IsBelow(VirtualPath path)
    {
        return Contains(path) && Contains(path.Parent);
    }
}
