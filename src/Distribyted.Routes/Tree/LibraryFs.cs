using Distribyted.FileSystem;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tree;

/// <summary>The writable tree: reads through the mount table, gives every write its meaning, and refuses the others with a reason.</summary>
/// <remarks>The meanings are the table of README.md; they are decided here, for files in <see cref="SmallFiles"/>, and nowhere else, so that WebDAV
/// and one day other doors need not know a torrent.</remarks>
internal sealed class LibraryFs : IWritableFileSystem, IDisposable
{
    private readonly RouteManager _manager;
    private readonly RouteTree _tree;
    private readonly Uploads _uploads;
    private readonly SmallFiles _files;
    private readonly DeletedFiles _deleted;
    private readonly LibraryProperties _properties;
    private readonly string _cacheFolder;

    internal LibraryFs(RouteManager manager, RouteTree tree, Uploads uploads, DeletedFiles deleted, string cacheFolder)
    {
        _manager = manager;
        _tree = tree;
        _uploads = uploads;
        _deleted = deleted;
        _files = new SmallFiles(manager, uploads);
        _properties = new LibraryProperties(manager, tree, uploads, _files);
        _cacheFolder = cacheFolder;
    }

    public void Dispose()
    {
        _uploads.Dispose();
        _deleted.Dispose();
    }

    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return IsDeleted(path) ? null : await _tree.Table.FindAsync(path, cancellationToken) ?? _files.Find(path)?.Entry;
    }

    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var listing = await _tree.Table.ListAsync(path, cancellationToken);
        if (listing is null)
        {
            return null;
        }

        var place = TreePlace.Locate(_manager.Model, path);
        if (!_deleted.IsEmpty && place.Torrent is not null)
        {
            return _deleted.Contains(place, place.Path) ? null : WithoutDeleted(listing, place);
        }

        var small = place.Kind is PlaceKind.Route or PlaceKind.Folder or PlaceKind.Root ? _files.ListIn(place) : [];
        if (small.Count == 0)
        {
            return listing;
        }

        var entries = new Dictionary<string, FileEntry>(listing.Count + small.Count, StringComparer.Ordinal);
        foreach (var entry in small)
        {
            entries[entry.Name] = entry;
        }

        for (var i = 0; i < listing.Count; i++)
        {
            entries[listing[i].Name] = listing[i];
        }

        return DirectoryListing.From(entries.Values, listing.Note);
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        if (IsDeleted(path))
        {
            return null;
        }

        var reader = await _tree.Table.OpenAsync(path, intent, cancellationToken);
        return reader ?? (_files.Find(path) is { } upload ? new UploadReader(upload) : null);
    }

    /// <summary>Used: everything shown. Available: free bytes of the cache's disk; the cache itself is always full, and saying so would make
    /// clients refuse to upload a <c>.torrent</c> (webdav.md rule 11).</summary>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        var used = _manager.Model.Routes.Aggregate(
            0L,
            (sum, route) => sum > long.MaxValue - route.Length ? long.MaxValue : sum + route.Length
        );
        return ValueTask.FromResult(new Space(used, FreeBytes()));
    }

    public ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(_files.MayPut(TreePlace.Locate(_manager.Model, path), length));
    }

    public Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        return _files.PutAsync(TreePlace.Locate(_manager.Model, path), content, cancellationToken);
    }

    public async Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(_manager.Model, path);
        switch (place.Kind)
        {
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder or PlaceKind.Torrent:
                return new WriteResult(WriteOutcome.Exists, $"There is a \"{place.Name}\" already.");
            case PlaceKind.Inside:
                return Refusals.Inside(place);
            case PlaceKind.Nowhere:
                return Refusals.NoParent(place);
        }

        if (_files.Find(place.Path) is not null)
        {
            return new WriteResult(WriteOutcome.Exists, $"There is a file \"{place.Name}\" already.");
        }

        return FileMeanings.Of(place.Name) == FileMeaning.Litter
            ? new WriteResult(
                WriteOutcome.Forbidden,
                $"\"{place.Name}\" is a folder that desktops make for themselves; a folder here is a route."
            )
            : await _manager.MakeRouteAsync(place.Path.Value[1..], cancellationToken);
    }

    public async Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(_manager.Model, path);
        switch (place.Kind)
        {
            case PlaceKind.Root:
                return new WriteResult(WriteOutcome.Forbidden, "The root stays.");
            case PlaceKind.Route or PlaceKind.Folder:
                var removed = await _manager.RemoveRouteAsync(place.Route, cancellationToken);
                if (removed.Succeeded)
                {
                    _uploads.RemoveIn(place.Path);
                }

                return removed;
            case PlaceKind.Torrent or PlaceKind.Inside when _uploads.WasRefused(place.Path):
                return new WriteResult(
                    WriteOutcome.Forbidden,
                    $"Writing \"{place.Name}\" was refused a moment ago, and some programs then delete what they could not write; it stays. Try again in a minute."
                );
            case PlaceKind.Torrent:
                var gone = await _manager.RemoveAsync(place.Route, place.Torrent!.InfoHash, pieces: true, cancellationToken);
                if (gone.Succeeded)
                {
                    _deleted.Forget(place);
                }

                return gone;
            case PlaceKind.Inside:
                return await DeleteInsideAsync(place, cancellationToken);
            case PlaceKind.Free:
                return await _files.DeleteAsync(place, cancellationToken);
            default:
                return Refusals.NotFound(place);
        }
    }

    public async Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        var model = _manager.Model;
        var source = TreePlace.Locate(model, from);
        var target = TreePlace.Locate(model, to);
        if (await WhyNotFromAsync(source, cancellationToken) is { } noSource)
        {
            return noSource;
        }

        if (source.Path == target.Path && string.Equals(from.Name, to.Name, StringComparison.Ordinal))
        {
            return new WriteResult(WriteOutcome.Forbidden, "Source and destination are the same.");
        }

        if (source.Kind is PlaceKind.Route or PlaceKind.Folder)
        {
            return await MoveRouteAsync(source, target, overwrite, cancellationToken);
        }

        if (source.Kind == PlaceKind.Torrent)
        {
            return WhyNotTo(source, target, overwrite)
                ?? await _manager.MoveAsync(source.Route, source.Torrent!.InfoHash, target.Route, to.Name, overwrite, cancellationToken);
        }

        var copied = await _files.CopyAsync(source, target, overwrite, cancellationToken);
        if (copied.Succeeded)
        {
            _uploads.Remove(source.Path);
        }

        return copied;
    }

    public async Task<WriteResult> CopyAsync(
        VirtualPath from,
        VirtualPath to,
        bool overwrite,
        bool members,
        CancellationToken cancellationToken
    )
    {
        var model = _manager.Model;
        var source = TreePlace.Locate(model, from);
        var target = TreePlace.Locate(model, to);
        if (await WhyNotFromAsync(source, cancellationToken) is { } noSource)
        {
            return noSource;
        }

        if (source.Kind is PlaceKind.Route or PlaceKind.Folder)
        {
            return new WriteResult(WriteOutcome.Forbidden, "A route cannot be copied; copy its torrents.");
        }

        if (source.Path == target.Path)
        {
            return new WriteResult(WriteOutcome.Forbidden, "Source and destination are the same.");
        }

        if (source.Kind != PlaceKind.Torrent)
        {
            return await _files.CopyAsync(source, target, overwrite, cancellationToken);
        }

        if (!members && source.Torrent!.IsFolder)
        {
            return new WriteResult(WriteOutcome.Forbidden, "A torrent cannot be copied without its files.");
        }

        return WhyNotTo(source, target, overwrite)
            ?? await _manager.CopyAsync(source.Route, source.Torrent!.InfoHash, target.Route, to.Name, overwrite, cancellationToken);
    }

    public ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(_properties.Get(path));
    }

    public ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        return ValueTask.FromResult(_properties.List(folder));
    }

    public Task<WriteResult> SetPropertiesAsync(VirtualPath path, IReadOnlyList<DeadProperty> changes, CancellationToken cancellationToken)
    {
        return _properties.SetAsync(path, changes, cancellationToken);
    }

    /// <summary>Nothing in a torrent goes alone, but a client that deletes all of it one by one must see it go.</summary>
    private async Task<WriteResult> DeleteInsideAsync(TreePlace place, CancellationToken cancellationToken)
    {
        if (await FindAsync(place.Path, cancellationToken) is not { } entry)
        {
            return Refusals.NotFound(place);
        }

        if (place.Torrent!.Where is { } where)
        {
            return new WriteResult(WriteOutcome.Forbidden, Place.WhyFixed(place.Torrent.Name, where));
        }

        if (entry.IsDirectory && await ListAsync(place.Path, cancellationToken) is { Count: > 0 })
        {
            return Refusals.Inside(place);
        }

        var files = await _tree.CountFilesAsync(place.Torrent.InfoHash, cancellationToken);
        return _deleted.Add(place, !entry.IsDirectory, files) ? new WriteResult(WriteOutcome.Done) : Refusals.Inside(place);
    }

    private bool IsDeleted(VirtualPath path)
    {
        return !_deleted.IsEmpty
            && TreePlace.Locate(_manager.Model, path) is { Kind: PlaceKind.Inside } place
            && _deleted.Contains(place, place.Path);
    }

    private DirectoryListing WithoutDeleted(DirectoryListing listing, TreePlace folder)
    {
        var left = Enumerable
            .Range(0, listing.Count)
            .Select(i => listing[i])
            .Where(e => !_deleted.Contains(folder, folder.Path.Append(e.Name)));
        return DirectoryListing.From(left, listing.Note);
    }

    private async Task<WriteResult> MoveRouteAsync(TreePlace source, TreePlace target, bool overwrite, CancellationToken cancellationToken)
    {
        var name = target.Path.Value[1..];
        switch (target.Kind)
        {
            case PlaceKind.Nowhere:
                return Refusals.NoParent(target);
            case PlaceKind.Inside:
                return Refusals.Inside(target);
            case PlaceKind.Free when _files.Find(target.Path) is null:
                return await _manager.RenameRouteAsync(source.Route, name, cancellationToken);
            case PlaceKind.Route when !overwrite:
                return new WriteResult(WriteOutcome.Exists, $"There is a route \"{target.Route}\" already.");
            case PlaceKind.Route
                when source.Route != target.Route && !target.Path.StartsWith(source.Path) && !source.Path.StartsWith(target.Path):
                var removed = await _manager.RemoveRouteAsync(target.Route, cancellationToken);
                if (!removed.Succeeded)
                {
                    return removed;
                }

                var renamed = await _manager.RenameRouteAsync(source.Route, name, cancellationToken);
                return renamed.Succeeded ? new WriteResult(WriteOutcome.Replaced) : renamed;
            case PlaceKind.Root:
                return new WriteResult(WriteOutcome.Forbidden, "A route cannot take the place of the root.");
            default:
                return overwrite
                    ? new WriteResult(WriteOutcome.Forbidden, $"A route cannot take the place of \"{target.Name}\".")
                    : new WriteResult(WriteOutcome.Exists, $"There is a \"{target.Name}\" already.");
        }
    }

    /// <summary>Why nothing can be moved or copied from here; null if it can.</summary>
    private async ValueTask<WriteResult?> WhyNotFromAsync(TreePlace source, CancellationToken cancellationToken)
    {
        return source.Kind switch
        {
            PlaceKind.Root => new WriteResult(WriteOutcome.Forbidden, "The root stays."),
            PlaceKind.Inside => await _tree.Table.FindAsync(source.Path, cancellationToken) is null
                ? Refusals.NotFound(source)
                : Refusals.Inside(source),
            PlaceKind.Nowhere => Refusals.NotFound(source),
            PlaceKind.Free when _files.Find(source.Path) is null => Refusals.NotFound(source),
            _ => null,
        };
    }

    /// <summary>Why a torrent cannot go there; null if it can.</summary>
    private WriteResult? WhyNotTo(TreePlace source, TreePlace target, bool overwrite)
    {
        switch (target.Kind)
        {
            case PlaceKind.Nowhere:
                return Refusals.NoParent(target);
            case PlaceKind.Inside:
                return Refusals.Inside(target);
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder:
                return overwrite
                    ? new WriteResult(WriteOutcome.Forbidden, $"A torrent cannot take the place of the folder \"{target.Name}\".")
                    : new WriteResult(WriteOutcome.Exists, $"There is a folder \"{target.Name}\" already.");
            case PlaceKind.Torrent:
                var isItself = target.Torrent!.InfoHash == source.Torrent!.InfoHash && target.Route == source.Route;
                return overwrite || isItself ? null : new WriteResult(WriteOutcome.Exists, $"There is a \"{target.Name}\" already.");
            case PlaceKind.Free when target.Route.Length == 0:
                return new WriteResult(WriteOutcome.Forbidden, "A torrent lies in a route: make a folder for it first.");
            case PlaceKind.Free when _files.Find(target.Path) is not null && !overwrite:
                return new WriteResult(WriteOutcome.Exists, $"There is a file \"{target.Name}\" already.");
            default:
                _uploads.Remove(target.Path);
                return null;
        }
    }

    private long FreeBytes()
    {
        try
        {
            var folder = Path.GetFullPath(_cacheFolder);
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0; // a disk that does not answer has no room
        }
    }
}
