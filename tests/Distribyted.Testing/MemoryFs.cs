using System.Globalization;
using Distribyted.FileSystem;

namespace Distribyted.Testing;

/// <summary>A tree in memory that takes everything: arbitrary files, folders, dead properties. The store that a WebDAV server is tested with.</summary>
/// <remarks>Contents are immutable; a write replaces one. Every write gives a new strong ETag. Safe for use by many threads.
/// Longer than most files because a store is one thing: every write is judged and done under the same lock.</remarks>
public sealed class MemoryFs : IWritableFileSystem
{
    private readonly TimeProvider _time;

    // _gate guards the tree below _root, _used and _versions. Nothing waits while it is held.
    private readonly Lock _gate = new();
    private readonly MemoryNode _root;
    private long _used;
    private long _versions;

    public MemoryFs(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _root = Node("", null);
    }

    /// <summary>Most bytes of all files together.</summary>
    public long Capacity { get; init; } = 1L << 40;

    /// <summary>Most bytes of one file that is put.</summary>
    public long MaxFileLength { get; init; } = 1 << 30;

    /// <summary>Adds a file and the folders it needs; replaces what is there.</summary>
    public VirtualPath AddFile(string path, ReadOnlyMemory<byte> content)
    {
        return Add(path, new MemoryContent(content.ToArray()));
    }

    /// <summary>Adds a folder and the folders it needs.</summary>
    public VirtualPath AddFolder(string path)
    {
        var parsed = VirtualPath.Parse(path);
        lock (_gate)
        {
            MakeFolders(parsed);
        }

        return parsed;
    }

    /// <summary>Adds everything in a folder of this machine; content stays on disk and is read when it is asked for.</summary>
    public void Import(string folder, string at = "/")
    {
        AddFolder(at);
        foreach (var item in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            var path = at.TrimEnd('/') + "/" + Path.GetRelativePath(folder, item.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (item is FileInfo file)
            {
                Add(path, new DiskContent(file.FullName, file.Length), new DateTimeOffset(file.LastWriteTimeUtc));
            }
            else
            {
                AddFolder(path);
            }
        }
    }

    /// <summary>Everything that a file holds; null when there is none.</summary>
    public byte[]? Bytes(string path)
    {
        lock (_gate)
        {
            return Find(VirtualPath.Parse(path))?.Content is MemoryContent content ? content.Bytes : null;
        }
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(path)?.Entry);
        }
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<DirectoryListing?>(Find(path) is { IsFolder: true } node ? node.Listing() : null);
        }
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(path) is { Content: { } content } node ? content.Open(node.Entry) : null);
        }
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(new Space(_used, Capacity - _used));
        }
    }

    public ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(JudgePut(path, length ?? 0));
        }
    }

    public async Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        if (content.Length > MaxFileLength)
        {
            return new WriteResult(WriteOutcome.TooLarge);
        }

        var bytes = new byte[content.Length];
        content.Position = 0;
        await content.ReadExactlyAsync(bytes, cancellationToken);
        lock (_gate)
        {
            var verdict = JudgePut(path, bytes.Length);
            if (!verdict.Succeeded)
            {
                return verdict;
            }

            var existing = Find(path);
            Place(Find(path.Parent)!, existing?.Name ?? path.Name, new MemoryContent(bytes), existing);
            return new WriteResult(existing is null ? WriteOutcome.Created : WriteOutcome.Replaced);
        }
    }

    public Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Find(path) is not null)
            {
                return Result(WriteOutcome.Exists);
            }

            if (Find(path.Parent) is not { IsFolder: true } parent)
            {
                return Result(WriteOutcome.NoParent);
            }

            Put(parent, Node(path.Name, null));
            return Result(WriteOutcome.Created);
        }
    }

    public Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (path.IsRoot)
            {
                return Result(WriteOutcome.Forbidden, "The root stays.");
            }

            if (Find(path) is not { } node)
            {
                return Result(WriteOutcome.NotFound);
            }

            Take(Find(path.Parent)!, node);
            return Result(WriteOutcome.Done);
        }
    }

    public Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var verdict = JudgeTransfer(from, to, overwrite, into: true);
            if (!verdict.Succeeded)
            {
                return Task.FromResult(verdict);
            }

            var node = Find(from)!;
            Take(Find(from.Parent)!, node);
            return Task.FromResult(Land(to, node.Renamed(to.Name)));
        }
    }

    public Task<WriteResult> CopyAsync(VirtualPath from, VirtualPath to, bool overwrite, bool members, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var verdict = JudgeTransfer(from, to, overwrite, into: members);
            if (!verdict.Succeeded)
            {
                return Task.FromResult(verdict);
            }

            var node = Find(from)!;
            if (node.TotalLength() > Capacity - _used)
            {
                return Result(WriteOutcome.NoSpace);
            }

            return Task.FromResult(Land(to, Copy(node, to.Name, members)));
        }
    }

    public ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(path)?.Properties ?? []);
        }
    }

    public ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
        {
            var children = Find(folder)?.Children ?? [];
            return ValueTask.FromResult<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>>(
                children
                    .Where(child => child.Properties.Count > 0)
                    .ToDictionary(child => child.Entry.Name, child => child.Properties, StringComparer.Ordinal)
            );
        }
    }

    public Task<WriteResult> SetPropertiesAsync(VirtualPath path, IReadOnlyList<DeadProperty> changes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Find(path) is not { } node)
            {
                return Result(WriteOutcome.NotFound);
            }

            var properties = new List<DeadProperty>(node.Properties);
            foreach (var change in changes)
            {
                properties.RemoveAll(property => property.Namespace == change.Namespace && property.Name == change.Name);
                if (change.Xml is not null)
                {
                    properties.Add(change);
                }
            }

            node.Properties = properties;
            return Result(WriteOutcome.Done);
        }
    }

    private static Task<WriteResult> Result(WriteOutcome outcome, string? reason = null)
    {
        return Task.FromResult(new WriteResult(outcome, reason));
    }

    private VirtualPath Add(string path, FileContent content, DateTimeOffset? modified = null)
    {
        var parsed = VirtualPath.Parse(path);
        lock (_gate)
        {
            Place(MakeFolders(parsed.Parent), parsed.Name, content, Find(parsed), modified);
        }

        return parsed;
    }

    private MemoryNode MakeFolders(VirtualPath path)
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

    private MemoryNode? Find(VirtualPath path)
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

    private WriteResult JudgePut(VirtualPath path, long length)
    {
        var existing = Find(path);
        return existing is { IsFolder: true } ? new WriteResult(WriteOutcome.IsADirectory)
            : Find(path.Parent) is not { IsFolder: true } ? new WriteResult(WriteOutcome.NoParent)
            : length > MaxFileLength ? new WriteResult(WriteOutcome.TooLarge)
            : length - (existing?.Entry.Length ?? 0) > Capacity - _used ? new WriteResult(WriteOutcome.NoSpace)
            : new WriteResult(WriteOutcome.Done);
    }

    private WriteResult JudgeTransfer(VirtualPath from, VirtualPath to, bool overwrite, bool into)
    {
        if (Find(from) is not { } node)
        {
            return new WriteResult(WriteOutcome.NotFound);
        }

        var target = Find(to);
        if (from.IsRoot || ReferenceEquals(node, target) || from.StartsWith(to) || (into && node.IsFolder && to.StartsWith(from)))
        {
            return new WriteResult(WriteOutcome.Forbidden, "Source and destination must not hold each other.");
        }

        return Find(to.Parent) is not { IsFolder: true } ? new WriteResult(WriteOutcome.NoParent)
            : target is not null && !overwrite ? new WriteResult(WriteOutcome.Exists)
            : new WriteResult(WriteOutcome.Done);
    }

    private WriteResult Land(VirtualPath to, MemoryNode node)
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

    private MemoryNode Copy(MemoryNode node, string name, bool members)
    {
        var copy = Node(name, node.Content);
        copy.Properties = node.Properties;
        foreach (var child in members ? node.Children : [])
        {
            copy.Add(Copy(child, child.Name, members: true));
        }

        return copy;
    }

    private void Place(MemoryNode parent, string name, FileContent content, MemoryNode? existing, DateTimeOffset? modified = null)
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

    private void Put(MemoryNode parent, MemoryNode node)
    {
        parent.Add(node);
        parent.Entry = parent.Entry with { Modified = _time.GetUtcNow() };
        _used += node.TotalLength();
    }

    private void Take(MemoryNode parent, MemoryNode node)
    {
        parent.Remove(node);
        parent.Entry = parent.Entry with { Modified = _time.GetUtcNow() };
        _used -= node.TotalLength();
    }

    private MemoryNode Node(string name, FileContent? content, DateTimeOffset? modified = null)
    {
        var now = _time.GetUtcNow();
        var tag = content is null ? "" : (++_versions).ToString("x16", CultureInfo.InvariantCulture);
        return new MemoryNode(new FileEntry(name, content is null, content?.Length ?? 0, now, modified ?? now, tag), content);
    }
}
