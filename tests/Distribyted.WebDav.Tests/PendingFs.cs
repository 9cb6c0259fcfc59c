using Distribyted.FileSystem;

namespace Distribyted.WebDav.Tests;

/// <summary>A tree that cannot say what is there before its answer comes, as below an archive whose list of entries is being fetched.</summary>
internal sealed class PendingFs(IFileSystem inner, Task ready) : IFileSystem
{
    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ready.IsCompletedSuccessfully
            ? inner.FindAsync(path, cancellationToken)
            : throw new FileSystemException(FileSystemFailure.Unavailable, "It is pending.");
    }

    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken);
        return await inner.LocateAsync(path, cancellationToken);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return inner.ListAsync(path, cancellationToken);
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return inner.OpenAsync(path, intent, cancellationToken);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return inner.GetSpaceAsync(cancellationToken);
    }
}
