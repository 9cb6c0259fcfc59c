using Distribyted.FileSystem;
using Distribyted.Platform;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;

namespace Distribyted.Routes.Tree;

/// <summary>The writable tree: reads through the mount table, gives every write its meaning, and refuses the others with a reason.</summary>
/// <remarks>The meanings are the table of README.md; they are decided here, for files in <see cref="SmallFiles"/>, and nowhere else, so that WebDAV
/// and other ways in need not know a torrent.</remarks>
internal sealed class LibraryFs : IWritableFileSystem, IDisposable
{
    private readonly LibraryStore _store;
    private readonly LibraryChanges _changes;
    private readonly RouteTree _tree;
    private readonly Uploads _uploads;
    private readonly SmallFiles _files;
    private readonly DeletedFiles _deleted;
    private readonly TreeMoves _moves;
    private readonly LibraryProperties _properties;
    private readonly string _cacheFolder;

    internal LibraryFs(
        LibraryStore store,
        LibraryChanges changes,
        RouteTree tree,
        Uploads uploads,
        DeletedFiles deleted,
        string cacheFolder
    )
    {
        _store = store;
        _changes = changes;
        _tree = tree;
        _uploads = uploads;
        _deleted = deleted;
        _files = new SmallFiles(store, changes, uploads);
        _moves = new TreeMoves(store, changes, tree, uploads, _files);
        _properties = new LibraryProperties(store, tree, uploads, _files);
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

    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (IsDeleted(path))
        {
            return null;
        }

        var table = _tree.Table;
        if (await table.LocateAsync(path, cancellationToken) is { } found)
        {
            return new Found(this, table, path, found);
        }

        return _files.Find(path) is { } upload ? new FoundUpload(this, path, upload.Entry) : null;
    }

    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var listing = await _tree.Table.ListAsync(path, cancellationToken);
        if (listing is null)
        {
            return null;
        }

        var place = TreePlace.Locate(_store.Model, path);
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
    /// clients refuse to upload a <c>.torrent</c> (macOS and Windows check the free space first).</summary>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        var used = _store.Model.Routes.Aggregate(
            0L,
            (sum, route) => sum > long.MaxValue - route.Length ? long.MaxValue : sum + route.Length
        );
        return ValueTask.FromResult(new Space(used, DiskSpace.FreeAt(_cacheFolder) ?? 0));
    }

    public ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(_files.MayPut(TreePlace.Locate(_store.Model, path), length));
    }

    public Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        return _files.PutAsync(TreePlace.Locate(_store.Model, path), content, cancellationToken);
    }

    public async Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(_store.Model, path);
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

        return FileMeanings.Of(place.Name) == FileMeaning.DesktopFile
            ? new WriteResult(
                WriteOutcome.Forbidden,
                $"\"{place.Name}\" is a folder that desktops make for themselves; a folder here is a route."
            )
            : await _changes.MakeRouteAsync(place.Path.Value[1..], cancellationToken);
    }

    public async Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(_store.Model, path);
        switch (place.Kind)
        {
            case PlaceKind.Root:
                return new WriteResult(WriteOutcome.Forbidden, "The root stays.");
            case PlaceKind.Route or PlaceKind.Folder:
                var removed = await _changes.RemoveRouteAsync(place.Route, cancellationToken);
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
                var gone = await _changes.RemoveAsync(place.Route, place.Torrent!.InfoHash, pieces: true, cancellationToken);
                if (gone.Succeeded)
                {
                    _deleted.Clear(place);
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

    public Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        return _moves.MoveAsync(from, to, overwrite, cancellationToken);
    }

    public Task<WriteResult> CopyAsync(VirtualPath from, VirtualPath to, bool overwrite, bool members, CancellationToken cancellationToken)
    {
        return _moves.CopyAsync(from, to, overwrite, members, cancellationToken);
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

    /// <summary>Deletes a file or emptied folder inside a torrent: it looks deleted for a minute, and a torrent without files is removed (see <see cref="DeletedFiles"/>).</summary>
    private async Task<WriteResult> DeleteInsideAsync(TreePlace place, CancellationToken cancellationToken)
    {
        if (await FindAsync(place.Path, cancellationToken) is not { } entry)
        {
            return Refusals.NotFound(place);
        }

        if (place.Torrent!.Where is { } where)
        {
            return new WriteResult(WriteOutcome.Forbidden, WhereNamed.WhyFixed(place.Torrent.Name, where));
        }

        if (entry.IsDirectory && await ListAsync(place.Path, cancellationToken) is { Count: > 0 })
        {
            return Refusals.Inside(place);
        }

        var files = await _tree.CountFilesAsync(place.Torrent, cancellationToken);
        return _deleted.Add(place, !entry.IsDirectory, files) ? new WriteResult(WriteOutcome.Done) : Refusals.Inside(place);
    }

    /// <summary>What the mount table found. If routes changed or the file was deleted meanwhile, the path is resolved again.</summary>
    private sealed class Found(LibraryFs library, IFileSystem table, VirtualPath path, FoundEntry inner) : FoundEntry(inner.Entry)
    {
        public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return library._deleted.IsEmpty && ReferenceEquals(table, library._tree.Table)
                ? inner.OpenAsync(intent, cancellationToken)
                : library.OpenAsync(path, intent, cancellationToken);
        }
    }

    /// <summary>A small file that was put into a route: rarely read, and soon replaced or gone, so that it is looked up again.</summary>
    private sealed class FoundUpload(LibraryFs library, VirtualPath path, FileEntry entry) : FoundEntry(entry)
    {
        public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return library.OpenAsync(path, intent, cancellationToken);
        }
    }

    private bool IsDeleted(VirtualPath path)
    {
        return !_deleted.IsEmpty
            && TreePlace.Locate(_store.Model, path) is { Kind: PlaceKind.Inside } place
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
}
