using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Naming;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Indexes;

/// <summary>What is in one archive, as folders. Immutable but for what is learnt of where entries lie and what belongs together; safe for use by many threads.</summary>
internal sealed class ArchiveContent
{
    private readonly ConcurrentDictionary<int, ImmutableArray<StoredRange>> _located = new();
    private readonly ConcurrentDictionary<int, SolidBlock> _blocks = new();
    private readonly ArchiveEntry[] _files;

    private ArchiveContent(IArchiveFormat format, ArchiveIndex index, ArchiveEntry[] files, DirectoryTree folders)
    {
        Format = format;
        Index = index;
        _files = files;
        Folders = folders;
    }

    public IArchiveFormat Format { get; }

    public ArchiveIndex Index { get; }

    public DirectoryTree Folders { get; }

    /// <summary>What is left out, for those who look; null: nothing.</summary>
    public string? Note =>
        Index.IsTruncated
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The archive has more than {Index.Entries.Length} entries; the others are not shown."
            )
            : null;

    public static ArchiveContent Build(IArchiveFormat format, ArchiveIndex index)
    {
        var paths = EntryPaths.Make(index.Entries);
        var files = new List<ArchiveEntry>();
        var filePaths = new List<IReadOnlyList<string>>();
        var folderPaths = new List<IReadOnlyList<string>>();
        for (var i = 0; i < paths.Length; i++)
        {
            if (paths[i] is not { } path)
            {
                continue;
            }

            if (index.Entries[i].IsFolder)
            {
                folderPaths.Add(path);
            }
            else
            {
                files.Add(index.Entries[i]);
                filePaths.Add(path);
            }
        }

        return new ArchiveContent(format, index, [.. files], DirectoryTree.Build(filePaths, folderPaths));
    }

    /// <summary>The entry of a file in <see cref="Folders"/>.</summary>
    public ArchiveEntry EntryOf(TreeItem item)
    {
        return _files[item.File];
    }

    /// <summary>What is decompressed together with a packed entry of known length that is not empty.</summary>
    public SolidBlock BlockOf(ArchiveEntry entry)
    {
        return entry.Block is { } block
            ? _blocks.GetOrAdd(
                block,
                static (block, entries) =>
                    new SolidBlock(
                        entries.Where(e => e.Block == block && e is { IsFolder: false, Length: > 0 }).OrderBy(static e => e.Ordinal)
                    ),
                Index.Entries
            )
            : new SolidBlock([entry]);
    }

    /// <summary>The file or folder as listings show it. An entry is never younger than its archive.</summary>
    public FileEntry Describe(ArchiveFile archive, TreeItem item)
    {
        var below = archive.Entry;
        if (item.IsDirectory)
        {
            var folderTag = string.Create(CultureInfo.InvariantCulture, $"{archive.Tag}!d{item.Node}");
            return new FileEntry(item.Name, IsDirectory: true, 0, below.Created, below.Modified, folderTag);
        }

        var entry = _files[item.File];
        var length = entry.Length ?? 0;
        var modified = entry.Modified is { } said && said < below.Modified ? said : below.Modified;
        var tag = string.Create(CultureInfo.InvariantCulture, $"{archive.Tag}!{entry.Ordinal}-{length}");
        return new FileEntry(item.Name, IsDirectory: false, length, below.Created, modified, tag);
    }

    /// <summary>Where a stored entry lies, when that is known without reading.</summary>
    public bool TryLocate(ArchiveEntry entry, out ImmutableArray<StoredRange> ranges)
    {
        ranges = entry.Ranges;
        return !ranges.IsEmpty || entry.HeaderOffset is null || _located.TryGetValue(entry.Ordinal, out ranges);
    }

    /// <summary>Where a stored entry lies. May read the entry's own header.</summary>
    /// <exception cref="FileSystemException">The archive contradicts itself, or cannot be read.</exception>
    public async ValueTask<ImmutableArray<StoredRange>> LocateAsync(
        ArchiveFile archive,
        ArchiveEntry entry,
        string client,
        CancellationToken cancellationToken
    )
    {
        if (TryLocate(entry, out var known))
        {
            return known;
        }

        await using var source = new ArchiveSource(archive, client);
        try
        {
            var ranges = await Format.LocateAsync(source, entry, cancellationToken);
            _located[entry.Ordinal] = ranges;
            return ranges;
        }
        catch (ArchiveException e)
        {
            throw new FileSystemException(FileSystemFailure.Corrupt, $"\"{archive.Entry.Name}\": {e.Message}", e);
        }
    }
}
