using Distribyted.FileSystem;

namespace Distribyted.Testing;

/// <summary>A file or folder of <see cref="MemoryFs"/>; used under its lock only.</summary>
internal sealed class MemoryNode(FileEntry entry, FileContent? content)
{
    private readonly SortedDictionary<string, MemoryNode> _children = new(StringComparer.Ordinal);
    private FileEntry _entry = entry;
    private MemoryNode? _parent;
    private DirectoryListing? _listing;
    private NameIndex? _names;
    private string[] _sorted = [];

    public FileEntry Entry
    {
        get => _entry;
        set
        {
            _entry = value;
            if (_parent is not null)
            {
                _parent._listing = null;
            }
        }
    }

    public string Name => _entry.Name;

    public FileContent? Content { get; } = content;

    public bool IsFolder => Content is null;

    public IReadOnlyCollection<MemoryNode> Children => _children.Values;

    public IReadOnlyList<DeadProperty> Properties { get; set; } = [];

    public MemoryNode? Child(string name)
    {
        if (_children.TryGetValue(name, out var exact))
        {
            return exact;
        }

        if (_names is null)
        {
            _sorted = [.. _children.Keys];
            _names = new NameIndex(_sorted);
        }

        var index = _names.Find(name);
        return index < 0 ? null : _children[_sorted[index]];
    }

    public void Add(MemoryNode node)
    {
        _children.Add(node.Name, node);
        node._parent = this;
        _listing = null;
        _names = null;
    }

    public void Remove(MemoryNode node)
    {
        _children.Remove(node.Name);
        node._parent = null;
        _listing = null;
        _names = null;
    }

    public DirectoryListing Listing()
    {
        return _listing ??= DirectoryListing.From(_children.Values.Select(child => child.Entry));
    }

    public long TotalLength()
    {
        return Entry.Length + _children.Values.Sum(child => child.TotalLength());
    }

    public MemoryNode Renamed(string name)
    {
        var renamed = new MemoryNode(Entry with { Name = name }, Content) { Properties = Properties };
        foreach (var child in Children)
        {
            renamed.Add(child);
        }

        return renamed;
    }
}
