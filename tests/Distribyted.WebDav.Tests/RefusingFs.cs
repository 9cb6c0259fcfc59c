using Distribyted.FileSystem;

namespace Distribyted.WebDav.Tests;

/// <summary>A tree that reads like another and answers every write with one outcome, as a torrent's folder does.</summary>
internal sealed class RefusingFs(IFileSystem inner, WriteResult verdict, bool refusesBeforeBody = true) : IWritableFileSystem
{
    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken) =>
        inner.FindAsync(path, cancellationToken);

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken) =>
        inner.ListAsync(path, cancellationToken);

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken) =>
        inner.OpenAsync(path, intent, cancellationToken);

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken) => inner.GetSpaceAsync(cancellationToken);

    public ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken) =>
        ValueTask.FromResult(refusesBeforeBody ? verdict : new WriteResult(WriteOutcome.Done));

    public Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken) => Task.FromResult(verdict);

    public Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken) => Task.FromResult(verdict);

    public Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken) => Task.FromResult(verdict);

    public Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken) =>
        Task.FromResult(verdict);

    public Task<WriteResult> CopyAsync(
        VirtualPath from,
        VirtualPath to,
        bool overwrite,
        bool members,
        CancellationToken cancellationToken
    ) => Task.FromResult(verdict);

    public ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    ) =>
        ValueTask.FromResult<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>>(
            new Dictionary<string, IReadOnlyList<DeadProperty>>()
        );

    public ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<DeadProperty>>([]);

    public Task<WriteResult> SetPropertiesAsync(
        VirtualPath path,
        IReadOnlyList<DeadProperty> changes,
        CancellationToken cancellationToken
    ) => Task.FromResult(verdict);
}
