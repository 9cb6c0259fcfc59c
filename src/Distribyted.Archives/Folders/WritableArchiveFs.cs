using Distribyted.Archives.Naming;
using Distribyted.Archives.Options;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>A writable tree in which archives are also folders. Nothing in an archive can be written, and what is deleted in one is there again after a minute
/// (<see cref="DeletedEntries"/>); everything else as before.</summary>
internal sealed class WritableArchiveFs : GuardedFs
{
    private readonly IWritableFileSystem _below;
    private readonly ArchiveFs _view;
    private readonly DeletedEntries _deleted;

    public WritableArchiveFs(IWritableFileSystem below, ArchiveFs view, TimeProvider time)
        : base(view, below)
    {
        _below = below;
        _view = view;
        _deleted = new DeletedEntries(time);
    }

    public override async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (_deleted.IsEmpty)
        {
            return await base.FindAsync(path, cancellationToken);
        }

        return _deleted.Contains(path) ? null : await base.FindAsync(path, cancellationToken) ?? _deleted.FindEmpty(path);
    }

    public override async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return !_deleted.IsEmpty && _deleted.Contains(path) ? null : await base.LocateAsync(path, cancellationToken);
    }

    public override async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (_deleted.IsEmpty)
        {
            return await base.ListAsync(path, cancellationToken);
        }

        if (_deleted.Contains(path))
        {
            return null;
        }

        if (await base.ListAsync(path, cancellationToken) is not { } listing)
        {
            return _deleted.FindEmpty(path) is null ? null : DirectoryListing.Empty;
        }

        return _deleted.MayHide(path) ? Without(listing, path) : listing;
    }

    public override async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return !_deleted.IsEmpty && _deleted.Contains(path) ? null : await base.OpenAsync(path, intent, cancellationToken);
    }

    public override async Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (await _view.ResolveAsync(path, cancellationToken) is not { } place)
        {
            return await DeleteBelowAsync(path, cancellationToken);
        }

        return IsArchive(place)
            ? await DeleteVolumesAsync(path, place, cancellationToken)
            : await DeleteInsideAsync(path, place, cancellationToken);
    }

    public override async Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        return await SetRefusalAsync(from, cancellationToken) ?? await base.MoveAsync(from, to, overwrite, cancellationToken);
    }

    public override async Task<WriteResult> CopyAsync(
        VirtualPath from,
        VirtualPath to,
        bool overwrite,
        bool members,
        CancellationToken cancellationToken
    )
    {
        return await SetRefusalAsync(from, cancellationToken) ?? await base.CopyAsync(from, to, overwrite, members, cancellationToken);
    }

    protected override async ValueTask<WriteResult?> RefusalAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await _view.ResolveAsync(path, cancellationToken) is not { } place || IsArchive(place) ? null : Refusal(place);
    }

    // A folder in place of its archive is the archive: moving and deleting it means the file.
    private static bool IsArchive(ArchivePlace place)
    {
        return place.Inner.IsRoot && place.Mode == ArchiveMode.Replace;
    }

    private static WriteResult Refusal(ArchivePlace place)
    {
        return new WriteResult(
            WriteOutcome.Forbidden,
            $"\"{place.Folder.Name}\" shows what is in the archive \"{place.Archive.Entry.Name}\", which cannot be changed; the archive itself can be moved or deleted."
        );
    }

    /// <summary>Deletes what is in no archive; of an archive its folder stays for a while as an empty one.</summary>
    private async Task<WriteResult> DeleteBelowAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (!_deleted.IsEmpty && _deleted.FindEmpty(path) is not null)
        {
            _deleted.Leave(path, null);
            return new WriteResult(WriteOutcome.Done);
        }

        var folder = ArchiveNames.FolderOf(path.Name) is { } name && !path.IsRoot ? path.Parent.Append(name) : path;
        var place = folder == path ? null : await _view.ResolveAsync(folder, cancellationToken);
        var result = await _below.DeleteAsync(path, cancellationToken);
        if (result.Succeeded && place is { Inner.IsRoot: true })
        {
            _deleted.Leave(folder, _deleted.Contains(folder) ? null : place.Folder);
        }

        return result;
    }

    /// <summary>Deletes an archive whose folder stands for it: of a set of volumes the last one first, so that the folder is there until all are gone.</summary>
    private async Task<WriteResult> DeleteVolumesAsync(VirtualPath folder, ArchivePlace place, CancellationToken cancellationToken)
    {
        var result = new WriteResult(WriteOutcome.Done);
        foreach (var volume in place.Archive.Volumes.Reverse())
        {
            var path = folder.IsRoot ? folder : folder.Parent.Append(volume.Entry.Name);
            result = await _below.DeleteAsync(path, cancellationToken);
            if (!result.Succeeded)
            {
                return result;
            }
        }

        _deleted.Leave(folder, null);
        return result;
    }

    /// <summary>Hides a file, or a folder without files. A folder with files is refused, as in a torrent: a client that means it deletes them one by one.</summary>
    private async Task<WriteResult> DeleteInsideAsync(VirtualPath path, ArchivePlace place, CancellationToken cancellationToken)
    {
        if (await FindAsync(path, cancellationToken) is not { } entry)
        {
            return new WriteResult(WriteOutcome.NotFound, $"There is no \"{path.Name}\" in \"{place.Archive.Entry.Name}\".");
        }

        if (entry.IsDirectory && await ListAsync(path, cancellationToken) is { Count: > 0 })
        {
            return Refusal(place);
        }

        var folder = place.Inner.IsRoot ? path : VirtualPath.Parse(path.Value[..^place.Inner.Value.Length]);
        return _deleted.Add(folder, path) ? new WriteResult(WriteOutcome.Done) : Refusal(place);
    }

    /// <summary>A folder in place of a set of volumes is several files, which keep their names only together.</summary>
    private async ValueTask<WriteResult?> SetRefusalAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await _view.ResolveAsync(path, cancellationToken) is { Archive.Volumes: { Count: > 1 } volumes } place && IsArchive(place)
            ? new WriteResult(
                WriteOutcome.Forbidden,
                $"\"{place.Folder.Name}\" is the folder of {volumes.Count} volumes, which can be moved and copied as files only (archives.mode)."
            )
            : null;
    }

    private DirectoryListing Without(DirectoryListing listing, VirtualPath folder)
    {
        return DirectoryListing.From(
            Enumerable
                .Range(0, listing.Count)
                .Select(index => listing[index])
                .Where(entry => !_deleted.Contains(folder.Append(entry.Name))),
            listing.Note
        );
    }
}
