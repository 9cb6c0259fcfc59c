namespace Distribyted.FileSystem;

/// <summary>Some folders of a tree. Names are compared in any spelling (NFC, NFD), as lookups are.</summary>
internal sealed class PathScope
{
    private readonly VirtualPath[] _folders;

    public PathScope(IEnumerable<VirtualPath> folders)
    {
        _folders = [.. folders.Select(folder => folder.Normalized())];
    }

    public ScopePlace Locate(VirtualPath path)
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
    public bool IsBelow(VirtualPath path)
    {
        return Locate(path) == ScopePlace.Inside && Locate(path.Parent) == ScopePlace.Inside;
    }
}
