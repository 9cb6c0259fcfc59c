namespace Distribyted.FileSystem;

/// <summary>Folders from a flat list of files: what a torrent or an archive holds, as a tree.</summary>
/// <remarks>Immutable and safe for use by many threads. About 40 bytes and its name for each node; <see cref="FileEntry"/> objects are made only when a listing is read.
/// Children lie side by side in ordinal order: a lookup is one binary search for each segment.</remarks>
public sealed class DirectoryTree
{
    private readonly Node[] _nodes;
    private readonly Dictionary<int, NameIndex> _names;

    private DirectoryTree(Node[] nodes, Dictionary<int, NameIndex> names)
    {
        _nodes = nodes;
        _names = names;
    }

    /// <summary>Files and folders, the root among them.</summary>
    public int Count => _nodes.Length;

    /// <summary>A tree of these files.</summary>
    /// <param name="files">For each file the segments from the root down: at least one, each a valid name (<see cref="VirtualPath.IsSegment"/>).</param>
    /// <param name="folders">Folders that are there even when no file is in them; null: none.</param>
    /// <exception cref="ArgumentException">A path is empty, not valid, there twice, or goes through a file.</exception>
    public static DirectoryTree Build(IReadOnlyList<IReadOnlyList<string>> files, IReadOnlyList<IReadOnlyList<string>>? folders = null)
    {
        var root = new Folder();
        foreach (var folder in folders ?? [])
        {
            root.Add(folder, -1);
        }

        for (var i = 0; i < files.Count; i++)
        {
            root.Add(files[i], i);
        }

        var nodes = new List<Node> { new("", -1, 0, 0) };
        var names = new Dictionary<int, NameIndex>();
        var queue = new Queue<(Folder Folder, int Node)>();
        queue.Enqueue((root, 0));
        while (queue.TryDequeue(out var next))
        {
            var first = nodes.Count;
            var sorted = next.Folder.Children.Keys.ToArray();
            Array.Sort(sorted, StringComparer.Ordinal);
            nodes[next.Node] = nodes[next.Node] with { FirstChild = first, Children = sorted.Length };
            names.Add(next.Node, new NameIndex(sorted));
            foreach (var name in sorted)
            {
                var child = next.Folder.Children[name];
                if (child.Folder is { } folder)
                {
                    queue.Enqueue((folder, nodes.Count));
                }

                nodes.Add(new Node(name, child.File, 0, 0));
            }
        }

        return new DirectoryTree([.. nodes], names);
    }

    /// <summary>Looks a path up, in any spelling (NFC, NFD).</summary>
    public bool TryFind(VirtualPath path, out TreeItem item)
    {
        item = default;
        var node = 0;
        var rest = path.Value.AsSpan(1);
        while (!rest.IsEmpty)
        {
            var slash = rest.IndexOf('/');
            var segment = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? [] : rest[(slash + 1)..];
            if (!_names.TryGetValue(node, out var index) || index.Find(segment.ToString()) is var at && at < 0)
            {
                return false;
            }

            node = _nodes[node].FirstChild + at;
        }

        item = Item(node);
        return true;
    }

    /// <summary>Lists a folder; null when it is not there or not a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="describe">Makes the entry of an item; called whenever the listing is read, by many threads at once.</param>
    /// <param name="note">See <see cref="DirectoryListing.Note"/>.</param>
    public DirectoryListing? List(VirtualPath path, Func<TreeItem, FileEntry> describe, string? note = null)
    {
        return TryFind(path, out var item) && item.IsDirectory ? new Listing(this, item.Node, describe, note) : null;
    }

    private TreeItem Item(int node)
    {
        return new TreeItem(_nodes[node].Name, _nodes[node].File, node);
    }

    private readonly record struct Node(string Name, int File, int FirstChild, int Children);

    private sealed class Listing(DirectoryTree tree, int node, Func<TreeItem, FileEntry> describe, string? note) : DirectoryListing
    {
        public override int Count => tree._nodes[node].Children;

        public override string? Note => note;

        public override FileEntry this[int index] => describe(tree.Item(At(index)));

        public override string NameAt(int index)
        {
            return tree._nodes[At(index)].Name;
        }

        private int At(int index)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return tree._nodes[node].FirstChild + index;
        }
    }

    // Only while the tree is built.
    private sealed class Folder
    {
        public Dictionary<string, (int File, Folder? Folder)> Children { get; } = new(StringComparer.Ordinal);

        // A file of -1 is a folder.
        public void Add(IReadOnlyList<string> path, int file)
        {
            var folder = this;
            for (var depth = 0; depth < path.Count; depth++)
            {
                var name = path[depth];
                if (!VirtualPath.IsSegment(name) || path.Count > VirtualPath.MaxDepth)
                {
                    throw new ArgumentException($"File {file}: \"{name}\" cannot stand in a path.", nameof(path));
                }

                var last = file >= 0 && depth == path.Count - 1;
                if (!folder.Children.TryGetValue(name, out var child))
                {
                    child = last ? (file, null) : (-1, new Folder());
                    folder.Children.Add(name, child);
                }
                else if (last || child.Folder is null)
                {
                    throw new ArgumentException($"File {file}: \"{name}\" is taken by another file.", nameof(path));
                }

                folder = child.Folder;
                if (folder is null)
                {
                    return;
                }
            }

            if (file >= 0 || path.Count == 0)
            {
                throw new ArgumentException($"File {file} has no name.", nameof(path));
            }
        }
    }
}
