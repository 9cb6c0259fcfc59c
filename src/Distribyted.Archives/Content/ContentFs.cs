using Distribyted.Archives.Formats;
using Distribyted.Archives.Indexes;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Content;

/// <summary>The content of one archive as a tree. Made for one request or more; holds no file open.</summary>
internal sealed class ContentFs(ArchiveFile archive, ArchiveContent content) : IFileSystem
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
        var packed = content.EntryOf(item);
        if (entry.Length > 0 && (packed.IsEncrypted || packed is { HeaderOffset: null, Ranges.IsEmpty: true }))
        {
            throw new FileSystemException(FileSystemFailure.Corrupt, WhyNot(packed));
        }

        var reader = new StoredEntryReader(archive, content, packed, entry, intent);
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

    private string WhyNot(ArchiveEntry entry)
    {
        return entry.IsEncrypted
            ? $"\"{entry.Path}\" in \"{archive.Entry.Name}\" is encrypted."
            : $"\"{entry.Path}\" in \"{archive.Entry.Name}\" is packed ({entry.Method}), which is not read yet.";
    }

    private sealed class Found(ContentFs files, TreeItem item) : FoundEntry(files.Describe(item))
    {
        public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return files.OpenAsync(item, intent, cancellationToken);
        }
    }

    private FileEntry Describe(TreeItem item)
    {
        return content.Describe(archive, item);
    }
}
