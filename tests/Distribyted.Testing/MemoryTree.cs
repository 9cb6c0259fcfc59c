using System.Globalization;
using Distribyted.FileSystem;

namespace Distribyted.Testing;

/// <summary>The nodes of a <see cref="MemoryFs"/> and what they hold together. Used under its lock only.</summary>
internal sealed class MemoryTree
{
    private readonly TimeProvider _time;
    private readonly MemoryNode _root;
    private long _versions;

    public MemoryTree(TimeProvider time)
    {
        _time = time;
        _root = Node("", null);
    }

    /// <summary>Bytes of all files.</summary>
    public long Used { get; private set; }

    /// <summary>The node at a path, in any spelling of its names; null: none.</summary>
    public MemoryNode? Find(VirtualPath path)
    {
        var node = _root;
        foreach (var segment in path.Segments)
        {
            if (node.Child(segment) is not { } next)
            {
                return null;
            }

            node = next;
        }

        return node;
    }

    /// <summary>The folder at a path, made with those above it if it is missing.</summary>
    public MemoryNode MakeFolders(VirtualPath path)
    {
        var node = _root;
        foreach (var segment in path.Segments)
        {
            var next = node.Child(segment);
            if (next is null)
            {
                next = Node(segment, null);
                Put(node, next);
            }

            node = next.IsFolder ? next : throw new ArgumentException($"{path} goes through a file.", nameof(path));
        }

        return node;
    }

    /// <summary>Puts a file into a folder, with the properties and the age of the one that it replaces.</summary>
    public void Place(MemoryNode parent, string name, FileContent content, MemoryNode? existing, DateTimeOffset? modified = null)
    {
        var node = Node(name, content, modified);
        if (existing is not null)
        {
            node.Properties = existing.Properties;
            node.Entry = node.Entry with { Created = existing.Entry.Created };
            Take(parent, existing);
        }

        Put(parent, node);
    }

    /// <summary>Puts a node where another may be.</summary>
    public WriteResult Land(VirtualPath to, MemoryNode node)
    {
        var parent = Find(to.Parent)!;
        var existing = Find(to);
        if (existing is not null)
        {
            Take(parent, existing);
        }

        Put(parent, node);
        return new WriteResult(existing is null ? WriteOutcome.Created : WriteOutcome.Replaced);
    }

    /// <summary>Adds a node to a folder.</summary>
    public void Put(MemoryNode parent, MemoryNode node)
    {
        parent.Add(node);
        parent.Entry = parent.Entry with { Modified = _time.GetUtcNow() };
        Used += node.TotalLength();
    }

    /// <summary>Takes a node out of its folder.</summary>
    public void Take(MemoryNode parent, MemoryNode node)
    {
        parent.Remove(node);
        parent.Entry = parent.Entry with { Modified = _time.GetUtcNow() };
        Used -= node.TotalLength();
    }

    /// <summary>A copy that is nowhere yet.</summary>
    public MemoryNode Copy(MemoryNode node, string name, bool members)
    {
        var copy = Node(name, node.Content);
        copy.Properties = node.Properties;
        foreach (var child in members ? node.Children : [])
        {
            copy.Add(Copy(child, child.Name, members: true));
        }

        return copy;
    }

    /// <summary>A new node; no content makes a folder. Every one with content has an ETag of its own.</summary>
    public MemoryNode Node(string name, FileContent? content, DateTimeOffset? modified = null)
    {
        var now = _time.GetUtcNow();
        var tag = content is null ? "" : (++_versions).ToString("x16", CultureInfo.InvariantCulture);
        return new MemoryNode(new FileEntry(name, content is null, content?.Length ?? 0, now, modified ?? now, tag), content);
    }
}
