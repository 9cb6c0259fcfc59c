using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;

namespace Distribyted.Routes;

/// <summary>The writable tree: reads through the mount table, gives every write its meaning, and refuses the others with a reason.</summary>
/// <remarks>The meanings are the table of README.md; they are decided here and nowhere else, so that WebDAV and one day other doors need
/// not know a torrent. Longer than most files, because the table is one thing.</remarks>
internal sealed class LibraryFs : IWritableFileSystem, IDisposable
{
    /// <summary>Largest file that is read as a torrent, bytes; a door may take less.</summary>
    private const long MaxUpload = 256L << 20;

    private const int MaxProperties = 64;
    private const int MaxPropertyLength = 64 * 1024;

    private readonly RouteManager _manager;
    private readonly RouteTree _tree;
    private readonly Uploads _uploads;
    private readonly string _cacheFolder;

    internal LibraryFs(RouteManager manager, RouteTree tree, Uploads uploads, string cacheFolder)
    {
        _manager = manager;
        _tree = tree;
        _uploads = uploads;
        _cacheFolder = cacheFolder;
    }

    public void Dispose()
    {
        _uploads.Dispose();
    }

    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await _tree.Table.FindAsync(path, cancellationToken) ?? FindUpload(path)?.Entry;
    }

    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var listing = await _tree.Table.ListAsync(path, cancellationToken);
        if (listing is null)
        {
            return null;
        }

        var place = TreePlace.Locate(_manager.Model, path);
        var small = place.Kind is PlaceKind.Route or PlaceKind.Folder or PlaceKind.Root ? SmallFilesIn(place) : [];
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
        var reader = await _tree.Table.OpenAsync(path, intent, cancellationToken);
        return reader ?? (FindUpload(path) is { } upload ? new UploadReader(upload) : null);
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
        return ValueTask.FromResult(MayPut(TreePlace.Locate(_manager.Model, path), length));
    }

    public async Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(_manager.Model, path);
        var judged = MayPut(place, content.Length);
        if (!judged.Succeeded)
        {
            return judged;
        }

        var meaning = FileMeanings.Of(place.Name);
        var keep = meaning is FileMeaning.Litter or FileMeaning.Link ? Math.Min(content.Length, Uploads.MaxSmallFile) : content.Length;
        var bytes = new byte[keep];
        content.Position = 0;
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return await PutAsync(place, meaning, bytes, cancellationToken);
    }

    public async Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(_manager.Model, path);
        switch (place.Kind)
        {
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder or PlaceKind.Torrent:
                return new WriteResult(WriteOutcome.Exists, $"There is a \"{place.Name}\" already.");
            case PlaceKind.Inside:
                return InsideRefusal(place);
            case PlaceKind.Nowhere:
                return NoParent(place);
        }

        if (FindUpload(place.Path) is not null)
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
            case PlaceKind.Torrent when _uploads.WasRefused(place.Path):
                return new WriteResult(
                    WriteOutcome.Forbidden,
                    $"Writing \"{place.Name}\" was refused a moment ago, and some programs then delete what they could not write; the torrent stays. Try again in a minute."
                );
            case PlaceKind.Torrent:
                return await _manager.RemoveAsync(place.Route, place.Torrent!.InfoHash, pieces: true, cancellationToken);
            case PlaceKind.Inside:
                return await _tree.Table.FindAsync(path, cancellationToken) is null ? NotFound(place) : InsideRefusal(place);
            case PlaceKind.Free:
                return await DeleteUploadAsync(place, cancellationToken);
            default:
                return NotFound(place);
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

        var copied = await CopyUploadAsync(source, target, overwrite, cancellationToken);
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
            return await CopyUploadAsync(source, target, overwrite, cancellationToken);
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
        var model = _manager.Model;
        var place = TreePlace.Locate(model, path);
        return ValueTask.FromResult(
            place.Kind switch
            {
                PlaceKind.Route => model.Find(place.Route)!.Stored.Properties,
                PlaceKind.Torrent => model.Find(place.Route, place.Torrent!.InfoHash)!.Stored.Properties,
                PlaceKind.Free => _uploads.Find(place.Path)?.Properties ?? [],
                _ => [],
            }
        );
    }

    public ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        var model = _manager.Model;
        var place = TreePlace.Locate(model, folder);
        var left = new Dictionary<string, IReadOnlyList<DeadProperty>>(StringComparer.Ordinal);
        if (place.Kind is PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder)
        {
            // In the order of rank, least first: of two with one name the listing shows the last.
            foreach (var upload in _uploads.ListedIn(place.Path))
            {
                Keep(upload.Entry.Name, upload.Properties);
            }

            foreach (var row in model.Find(place.Route)?.Rows ?? [])
            {
                Keep(row.View.IsPending ? "" : row.View.Name, row.Stored.Properties);
            }

            var start = place.Route.Length == 0 ? 0 : place.Route.Length + 1;
            foreach (var route in start == 0 ? model.Routes : model.Below(place.Route))
            {
                Keep(route.Name.IndexOf('/', start) < 0 ? route.Name[start..] : "", route.Stored.Properties);
            }
        }

        return ValueTask.FromResult<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>>(left);

        void Keep(string name, IReadOnlyList<DeadProperty> properties)
        {
            if (properties.Count > 0 && name.Length > 0)
            {
                left[name] = properties;
            }
        }
    }

    public async Task<WriteResult> SetPropertiesAsync(
        VirtualPath path,
        IReadOnlyList<DeadProperty> changes,
        CancellationToken cancellationToken
    )
    {
        var place = TreePlace.Locate(_manager.Model, path);
        switch (place.Kind)
        {
            case PlaceKind.Root or PlaceKind.Folder:
                return new WriteResult(WriteOutcome.Forbidden, "Only routes and torrents keep properties.");
            case PlaceKind.Inside:
                return await _tree.Table.FindAsync(path, cancellationToken) is null ? NotFound(place) : InsideRefusal(place);
            case PlaceKind.Free when FindUpload(place.Path) is { } upload:
                var merged = LibraryEdit.Merge(upload.Properties, changes);
                if (WhyTooMany(merged) is { } tooMany)
                {
                    return tooMany;
                }

                _uploads.SetProperties(place.Path, merged);
                return new WriteResult(WriteOutcome.Done);
            case PlaceKind.Free or PlaceKind.Nowhere:
                return NotFound(place);
            default:
                return await _manager.ChangeAsync(edit => Task.FromResult(SetProperties(edit, place, changes)), cancellationToken);
        }
    }

    private static WriteResult SetProperties(LibraryEdit edit, TreePlace place, IReadOnlyList<DeadProperty> changes)
    {
        if (edit.Model.Find(place.Route) is not { } route)
        {
            return NotFound(place);
        }

        if (place.Torrent is null)
        {
            var ofRoute = LibraryEdit.Merge(route.Stored.Properties, changes);
            if (WhyTooMany(ofRoute) is { } tooMany)
            {
                return tooMany;
            }

            edit.Put(route.Stored with { Properties = ofRoute }, route.Where);
            return new WriteResult(WriteOutcome.Done);
        }

        if (route.Find(place.Torrent.InfoHash) is not { } row)
        {
            return NotFound(place);
        }

        var merged = LibraryEdit.Merge(row.Stored.Properties, changes);
        if (WhyTooMany(merged) is { } refusal)
        {
            return refusal;
        }

        edit.Put(row.With(row.Stored with { Properties = merged }));
        return new WriteResult(WriteOutcome.Done);
    }

    private static WriteResult? WhyTooMany(IReadOnlyList<DeadProperty> properties)
    {
        return
            properties.Count > MaxProperties || properties.Sum(p => p.Namespace.Length + p.Name.Length + p.Xml!.Length) > MaxPropertyLength
            ? new WriteResult(
                WriteOutcome.NoSpace,
                $"At most {MaxProperties} properties of {MaxPropertyLength} characters in all are kept."
            )
            : null;
    }

    private WriteResult MayPut(TreePlace place, long? length)
    {
        switch (place.Kind)
        {
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder:
                return new WriteResult(WriteOutcome.IsADirectory, "There is a folder of this name.");
            case PlaceKind.Torrent when place.Torrent!.IsFolder:
                _uploads.Refuse(place.Path);
                return new WriteResult(WriteOutcome.IsADirectory, $"\"{place.Name}\" is a torrent, and its content cannot be changed.");
            case PlaceKind.Torrent or PlaceKind.Inside:
                _uploads.Refuse(place.Path);
                return InsideRefusal(place);
            case PlaceKind.Nowhere:
                return NoParent(place);
        }

        var meaning = FileMeanings.Of(place.Name);
        if (meaning == FileMeaning.Litter)
        {
            return new WriteResult(WriteOutcome.Done);
        }

        if (place.Route.Length == 0)
        {
            return Refuse(
                place,
                new WriteResult(WriteOutcome.Forbidden, "Files go into a route: make a folder here, then put them into it.")
            );
        }

        if (meaning == FileMeaning.Nothing)
        {
            return Refuse(
                place,
                new WriteResult(
                    WriteOutcome.Unsupported,
                    $"\"{place.Name}\" means nothing here. A .torrent, or a .magnet, .url or .txt file with a magnet link, adds a torrent."
                )
            );
        }

        return length > (meaning == FileMeaning.Link ? Uploads.MaxSmallFile : MaxUpload)
            ? Refuse(place, new WriteResult(WriteOutcome.TooLarge, $"\"{place.Name}\" is larger than any file of its kind."))
            : new WriteResult(WriteOutcome.Done);
    }

    private async Task<WriteResult> PutAsync(TreePlace place, FileMeaning meaning, byte[] bytes, CancellationToken cancellationToken)
    {
        var was = FindUpload(place.Path) is not null;
        var refused = bytes.Length == 0 || meaning == FileMeaning.Litter ? null : await ActAsync(place, meaning, bytes, cancellationToken);
        if (refused is { } refusal)
        {
            _uploads.Remove(place.Path); // the empty file that stood in for it does not stay as if it had been taken
            return Refuse(place, refusal);
        }

        _uploads.Put(place.Path, bytes, meaning == FileMeaning.Litter);
        return new WriteResult(was ? WriteOutcome.Replaced : WriteOutcome.Created);
    }

    /// <summary>Does what the content of an upload asks for; the reason when it is refused.</summary>
    private async Task<WriteResult?> ActAsync(TreePlace place, FileMeaning meaning, byte[] bytes, CancellationToken cancellationToken)
    {
        switch (meaning)
        {
            case FileMeaning.Torrent:
                var (result, _) = await _manager.AddAsync(place.Route, new Addition(null, bytes, Origins.Mount), null, cancellationToken);
                return result.Succeeded ? null : result;

            case FileMeaning.Link:
                var links = Newcomer.FindMagnets(bytes);
                if (links.Count == 0)
                {
                    return new WriteResult(WriteOutcome.Unsupported, $"There is no magnet link in \"{place.Name}\".");
                }

                foreach (var link in links)
                {
                    var upload = new CatalogUpload(place.Name, bytes);
                    var (added, _) = await _manager.AddAsync(
                        place.Route,
                        new Addition(link, default, Origins.Mount),
                        upload,
                        cancellationToken
                    );
                    if (!added.Succeeded)
                    {
                        return added;
                    }
                }

                return null;

            default: // an upload under way: its own name comes with a MOVE
                return bytes.Length <= Uploads.MaxSmallFile || Newcomer.TryReadFile(bytes, out _, out _)
                    ? null
                    : new WriteResult(WriteOutcome.Unsupported, $"\"{place.Name}\" is neither small nor a torrent.");
        }
    }

    private async Task<WriteResult> DeleteUploadAsync(TreePlace place, CancellationToken cancellationToken)
    {
        var waiting = WaitingUploads(place.Route).Where(t => NameIndex.Same(t.Upload!.Name, place.Name)).ToList();
        foreach (var torrent in waiting)
        {
            var cancelled = await _manager.RemoveAsync(torrent.Route, torrent.InfoHash, pieces: true, cancellationToken);
            if (!cancelled.Succeeded)
            {
                return cancelled;
            }
        }

        return _uploads.Remove(place.Path) || waiting.Count > 0 ? new WriteResult(WriteOutcome.Done) : NotFound(place);
    }

    private async Task<WriteResult> MoveRouteAsync(TreePlace source, TreePlace target, bool overwrite, CancellationToken cancellationToken)
    {
        var name = target.Path.Value[1..];
        switch (target.Kind)
        {
            case PlaceKind.Nowhere:
                return NoParent(target);
            case PlaceKind.Inside:
                return InsideRefusal(target);
            case PlaceKind.Free when FindUpload(target.Path) is null:
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
                ? NotFound(source)
                : InsideRefusal(source),
            PlaceKind.Nowhere => NotFound(source),
            PlaceKind.Free when FindUpload(source.Path) is null => NotFound(source),
            _ => null,
        };
    }

    /// <summary>Why a torrent cannot go there; null if it can.</summary>
    private WriteResult? WhyNotTo(TreePlace source, TreePlace target, bool overwrite)
    {
        switch (target.Kind)
        {
            case PlaceKind.Nowhere:
                return NoParent(target);
            case PlaceKind.Inside:
                return InsideRefusal(target);
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder:
                return overwrite
                    ? new WriteResult(WriteOutcome.Forbidden, $"A torrent cannot take the place of the folder \"{target.Name}\".")
                    : new WriteResult(WriteOutcome.Exists, $"There is a folder \"{target.Name}\" already.");
            case PlaceKind.Torrent:
                var isItself = target.Torrent!.InfoHash == source.Torrent!.InfoHash && target.Route == source.Route;
                return overwrite || isItself ? null : new WriteResult(WriteOutcome.Exists, $"There is a \"{target.Name}\" already.");
            case PlaceKind.Free when target.Route.Length == 0:
                return new WriteResult(WriteOutcome.Forbidden, "A torrent lies in a route: make a folder for it first.");
            case PlaceKind.Free when FindUpload(target.Path) is not null && !overwrite:
                return new WriteResult(WriteOutcome.Exists, $"There is a file \"{target.Name}\" already.");
            default:
                _uploads.Remove(target.Path);
                return null;
        }
    }

    private async Task<WriteResult> CopyUploadAsync(TreePlace source, TreePlace target, bool overwrite, CancellationToken cancellationToken)
    {
        if (FindUpload(source.Path) is not { } upload)
        {
            return NotFound(source);
        }

        var judged = MayPut(target, upload.Content.Length);
        if (!judged.Succeeded)
        {
            return judged;
        }

        return FindUpload(target.Path) is not null && !overwrite
            ? new WriteResult(WriteOutcome.Exists, $"There is a file \"{target.Name}\" already.")
            : await PutAsync(target, FileMeanings.Of(target.Name), upload.Content, cancellationToken);
    }

    private UploadedFile? FindUpload(VirtualPath path)
    {
        var place = TreePlace.Locate(_manager.Model, path);
        if (place.Kind != PlaceKind.Free)
        {
            return null;
        }

        if (_uploads.Find(place.Path) is { } small)
        {
            return small;
        }

        var waiting = WaitingUploads(place.Route).FirstOrDefault(t => NameIndex.Same(t.Upload!.Name, place.Name));
        return waiting is null ? null : new UploadedFile(EntryOf(waiting), waiting.Upload!.Content, false, []);
    }

    private List<FileEntry> SmallFilesIn(TreePlace folder)
    {
        var files = _uploads.ListedIn(folder.Path).Select(u => u.Entry).ToList();
        files.AddRange(WaitingUploads(folder.Route).Select(EntryOf).Where(e => !files.Exists(f => NameIndex.Same(f.Name, e.Name))));
        return files;
    }

    /// <summary>Torrents without metadata that a small file brought.</summary>
    private IEnumerable<CatalogTorrent> WaitingUploads(string route)
    {
        return _manager.Model.Find(route) is { PendingCount: > 0 } found
            ? found.Pending.Select(t => found.Find(t.InfoHash)!.Stored).Where(t => t.Upload is not null)
            : [];
    }

    private static FileEntry EntryOf(CatalogTorrent torrent)
    {
        var upload = torrent.Upload!;
        return new FileEntry(upload.Name, false, upload.Content.Length, torrent.Added, torrent.Added, $"m-{torrent.InfoHash}");
    }

    private WriteResult Refuse(TreePlace place, WriteResult refusal)
    {
        _uploads.Refuse(place.Path);
        return refusal;
    }

    private static WriteResult InsideRefusal(TreePlace place)
    {
        return new WriteResult(
            WriteOutcome.Forbidden,
            $"\"{place.Torrent!.Name}\" is a torrent: its content cannot be changed, only the torrent as a whole be moved or deleted."
        );
    }

    private static WriteResult NoParent(TreePlace place)
    {
        return new WriteResult(WriteOutcome.NoParent, $"The folder of \"{place.Name}\" is not there.");
    }

    private static WriteResult NotFound(TreePlace place)
    {
        return new WriteResult(WriteOutcome.NotFound, $"There is no \"{place.Name}\".");
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
