using Distribyted.FileSystem;

namespace Distribyted.Testing;

/// <summary>A tree in memory that takes everything: arbitrary files, folders, dead properties. The store that a WebDAV server is tested with.</summary>
/// <remarks>Contents are immutable; a write replaces one. Every write gives a new strong ETag. Safe for use by many threads.</remarks>
public sealed class MemoryFs : IWritableFileSystem
{
    // _gate guards _tree. Nothing waits while it is held.
    private readonly Lock _gate = new();
    private readonly MemoryTree _tree;

    public MemoryFs(TimeProvider? time = null)
    {
        _tree = new MemoryTree(time ?? TimeProvider.System);
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
            _tree.MakeFolders(parsed);
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
            return _tree.Find(VirtualPath.Parse(path))?.Content is MemoryContent content ? content.Bytes : null;
        }
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_tree.Find(path)?.Entry);
        }
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<DirectoryListing?>(_tree.Find(path) is { IsFolder: true } node ? node.Listing() : null);
        }
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_tree.Find(path) is { Content: { } content } node ? content.Open(node.Entry) : null);
        }
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(new Space(_tree.Used, Capacity - _tree.Used));
        }
    }

    public ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(CheckPut(path, length ?? 0));
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
            var verdict = CheckPut(path, bytes.Length);
            if (!verdict.Succeeded)
            {
                return verdict;
            }

            var existing = _tree.Find(path);
            _tree.Place(_tree.Find(path.Parent)!, existing?.Name ?? path.Name, new MemoryContent(bytes), existing);
            return new WriteResult(existing is null ? WriteOutcome.Created : WriteOutcome.Replaced);
        }
    }

    public Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_tree.Find(path) is not null)
            {
                return Result(WriteOutcome.Exists);
            }

            if (_tree.Find(path.Parent) is not { IsFolder: true } parent)
            {
                return Result(WriteOutcome.NoParent);
            }

            _tree.Put(parent, _tree.Node(path.Name, null));
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

            if (_tree.Find(path) is not { } node)
            {
                return Result(WriteOutcome.NotFound);
            }

            _tree.Take(_tree.Find(path.Parent)!, node);
            return Result(WriteOutcome.Done);
        }
    }

    public Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var verdict = CheckTransfer(from, to, overwrite, into: true);
            if (!verdict.Succeeded)
            {
                return Task.FromResult(verdict);
            }

            var node = _tree.Find(from)!;
            _tree.Take(_tree.Find(from.Parent)!, node);
            return Task.FromResult(_tree.Land(to, node.Renamed(to.Name)));
        }
    }

    public Task<WriteResult> CopyAsync(VirtualPath from, VirtualPath to, bool overwrite, bool members, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var verdict = CheckTransfer(from, to, overwrite, into: members);
            if (!verdict.Succeeded)
            {
                return Task.FromResult(verdict);
            }

            var node = _tree.Find(from)!;
            if (node.TotalLength() > Capacity - _tree.Used)
            {
                return Result(WriteOutcome.NoSpace);
            }

            return Task.FromResult(_tree.Land(to, _tree.Copy(node, to.Name, members)));
        }
    }

    public ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_tree.Find(path)?.Properties ?? []);
        }
    }

    public ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
        {
            var children = _tree.Find(folder)?.Children ?? [];
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
            if (_tree.Find(path) is not { } node)
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
            _tree.Place(_tree.MakeFolders(parsed.Parent), parsed.Name, content, _tree.Find(parsed), modified);
        }

        return parsed;
    }

    private WriteResult CheckPut(VirtualPath path, long length)
    {
        var existing = _tree.Find(path);
        return existing is { IsFolder: true } ? new WriteResult(WriteOutcome.IsADirectory)
            : _tree.Find(path.Parent) is not { IsFolder: true } ? new WriteResult(WriteOutcome.NoParent)
            : length > MaxFileLength ? new WriteResult(WriteOutcome.TooLarge)
            : length - (existing?.Entry.Length ?? 0) > Capacity - _tree.Used ? new WriteResult(WriteOutcome.NoSpace)
            : new WriteResult(WriteOutcome.Done);
    }

    private WriteResult CheckTransfer(VirtualPath from, VirtualPath to, bool overwrite, bool into)
    {
        if (_tree.Find(from) is not { } node)
        {
            return new WriteResult(WriteOutcome.NotFound);
        }

        var target = _tree.Find(to);
        if (from.IsRoot || ReferenceEquals(node, target) || from.StartsWith(to) || (into && node.IsFolder && to.StartsWith(from)))
        {
            return new WriteResult(WriteOutcome.Forbidden, "Source and destination must not hold each other.");
        }

        return _tree.Find(to.Parent) is not { IsFolder: true } ? new WriteResult(WriteOutcome.NoParent)
            : target is not null && !overwrite ? new WriteResult(WriteOutcome.Exists)
            : new WriteResult(WriteOutcome.Done);
    }
}
