using System.Collections.Immutable;
using Distribyted.Archives.Options;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>A writable tree in which archives are also folders: nothing in an archive can be written, everything else as before.</summary>
internal sealed class WritableArchiveFs(IWritableFileSystem below, ArchiveFs view) : IWritableFileSystem
{
    public bool IsInReach(VirtualPath path)
    {
        return below.IsInReach(path);
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return view.FindAsync(path, cancellationToken);
    }

    public ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return view.LocateAsync(path, cancellationToken);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return view.ListAsync(path, cancellationToken);
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return view.OpenAsync(path, intent, cancellationToken);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return below.GetSpaceAsync(cancellationToken);
    }

    public async ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await below.MayPutAsync(path, length, cancellationToken);
    }

    public async Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await below.PutAsync(path, content, cancellationToken);
    }

    public async Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await below.MakeDirectoryAsync(path, cancellationToken);
    }

    public async Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await below.DeleteAsync(path, cancellationToken);
    }

    public async Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        return await RefusalAsync(from, cancellationToken)
            ?? await RefusalAsync(to, cancellationToken)
            ?? await below.MoveAsync(from, to, overwrite, cancellationToken);
    }

    public async Task<WriteResult> CopyAsync(
        VirtualPath from,
        VirtualPath to,
        bool overwrite,
        bool members,
        CancellationToken cancellationToken
    )
    {
        return await RefusalAsync(from, cancellationToken)
            ?? await RefusalAsync(to, cancellationToken)
            ?? await below.CopyAsync(from, to, overwrite, members, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) is null ? await below.GetPropertiesAsync(path, cancellationToken) : [];
    }

    public async ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        return await view.ResolveAsync(folder, cancellationToken) is null
            ? await below.ListPropertiesAsync(folder, cancellationToken)
            : ImmutableDictionary<string, IReadOnlyList<DeadProperty>>.Empty;
    }

    public async Task<WriteResult> SetPropertiesAsync(
        VirtualPath path,
        IReadOnlyList<DeadProperty> changes,
        CancellationToken cancellationToken
    )
    {
        return await RefusalAsync(path, cancellationToken) ?? await below.SetPropertiesAsync(path, changes, cancellationToken);
    }

    // A folder in place of its archive is the archive: moving and deleting it means the file.
    private async ValueTask<WriteResult?> RefusalAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return
            await view.ResolveAsync(path, cancellationToken) is not { } place || (place.Inner.IsRoot && place.Mode == ArchiveMode.Replace)
            ? null
            : new WriteResult(
                WriteOutcome.Forbidden,
                $"\"{place.Folder.Name}\" shows what is in the archive \"{place.Archive.Entry.Name}\", which cannot be changed; the archive itself can be moved or deleted."
            );
    }
}
