using Distribyted.Archives.Formats;
using Distribyted.Archives.Indexes;
using Distribyted.Archives.Spools;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Content;

/// <summary>The content of one archive as a tree. Made for one request or more; holds no file open.</summary>
/// <param name="archive">The archive.</param>
/// <param name="content">What is in it.</param>
/// <param name="spools">Where packed entries are decompressed.</param>
/// <param name="level">How deep the archive lies in others, from 0.</param>
internal sealed class ContentFs(ArchiveFile archive, ArchiveContent content, SpoolStore spools, int level) : IFileSystem
{
    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(content.Folders.TryFind(path, out var item) ? content.Describe(archive, item) : null);
    }

    public ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<FoundEntry?>(content.Folders.TryFind(path, out var item) ? new Found(this, item) : null);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(content.Folders.List(path, item => content.Describe(archive, item), content.Note));
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return content.Folders.TryFind(path, out var item) ? await OpenAsync(item, intent, cancellationToken) : null;
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(new Space(archive.Entry.Length, 0));
    }

    private async ValueTask<FileReader?> OpenAsync(TreeItem item, ReadIntent intent, CancellationToken cancellationToken)
    {
        if (item.IsDirectory)
        {
            return null;
        }

        var entry = content.Describe(archive, item);
        var inside = content.EntryOf(item);
        return entry.Length == 0 || inside.IsPlain
            ? await OpenStoredAsync(inside, entry, intent, cancellationToken)
            : await OpenPackedAsync(inside, entry, intent, cancellationToken);
    }

    private async ValueTask<FileReader> OpenStoredAsync(
        ArchiveEntry inside,
        FileEntry entry,
        ReadIntent intent,
        CancellationToken cancellationToken
    )
    {
        var reader = new StoredEntryReader(archive, content, inside, entry, intent);
        try
        {
            await reader.PrepareAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<FileReader> OpenPackedAsync(
        ArchiveEntry inside,
        FileEntry entry,
        ReadIntent intent,
        CancellationToken cancellationToken
    )
    {
        var (block, start) = PackedBlocks.Of(archive, content, inside, level);
        if (!spools.IsOn)
        {
            throw new FileSystemException(
                FileSystemFailure.NoSpace,
                $"{block.Name} is packed, and there is no folder to decompress it in."
            );
        }

        var reader = spools.Open(block, entry, start, intent);
        try
        {
            await reader.PrepareAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    private FileEntry Describe(TreeItem item)
    {
        return content.Describe(archive, item);
    }

    private sealed class Found(ContentFs files, TreeItem item) : FoundEntry(files.Describe(item))
    {
        public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return files.OpenAsync(item, intent, cancellationToken);
        }
    }
}
