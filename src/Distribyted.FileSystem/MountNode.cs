namespace Distribyted.FileSystem;

/// <summary>One folder of a mount table. Frozen once built.</summary>
internal sealed class MountNode
{
    private readonly SortedDictionary<string, MountNode> _building = new(StringComparer.Ordinal);
    private MountNode[] _children = [];
    private NameIndex _names = new([]);

    private MountNode(string name)
    {
        Name = name;
    }

    /// <summary>Its segment.</summary>
    public string Name { get; }

    /// <summary>What is mounted exactly here.</summary>
    public IFileSystem? FileSystem { get; private set; }

    /// <summary>Folders of the table below this one, by name.</summary>
    public IReadOnlyList<MountNode> Children => _children;

    /// <summary>How many of them.</summary>
    public int Count => _children.Length;

    public static MountNode Build(IReadOnlyList<Mount> mounts)
    {
        var root = new MountNode("");
        foreach (var mount in mounts)
        {
            var node = root;
            foreach (var segment in mount.Path.Segments)
            {
                if (!node._building.TryGetValue(segment, out var next))
                {
                    next = new MountNode(segment);
                    node._building.Add(segment, next);
                }

                node = next;
            }

            if (node.FileSystem is not null)
            {
                throw new ArgumentException($"Two file systems are mounted at {mount.Path}.", nameof(mounts));
            }

            node.FileSystem = mount.FileSystem;
        }

        root.Freeze();
        return root;
    }

    /// <summary>The child of this name or of another spelling of it.</summary>
    public MountNode? Child(string name)
    {
        var index = _names.Find(name);
        return index < 0 ? null : _children[index];
    }

    /// <summary>Walks from here.</summary>
    public MountPlace Resolve(VirtualPath path)
    {
        var node = this;
        var fileSystem = FileSystem;
        var inner = path;
        var rest = path.Value.AsSpan(1);
        while (!rest.IsEmpty)
        {
            var slash = rest.IndexOf('/');
            var segment = slash < 0 ? rest : rest[..slash];
            if (node.Count == 0 || node.Child(segment.ToString()) is not { } next)
            {
                return new MountPlace(null, fileSystem, inner);
            }

            rest = slash < 0 ? [] : rest[(slash + 1)..];
            node = next;
            if (node.FileSystem is not null)
            {
                fileSystem = node.FileSystem;
                inner = rest.IsEmpty ? VirtualPath.Root : VirtualPath.Parse(rest.ToString());
            }
        }

        return new MountPlace(node, fileSystem, inner);
    }

    private void Freeze()
    {
        _children = [.. _building.Values];
        _building.Clear();
        _names = new NameIndex(Array.ConvertAll(_children, static child => child.Name));
        foreach (var child in _children)
        {
            child.Freeze();
        }
    }
}
