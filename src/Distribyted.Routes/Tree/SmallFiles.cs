using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;

namespace Distribyted.Routes.Tree;

/// <summary>Files that belong to no torrent: what is uploaded and what it means, and links whose torrents still wait for metadata.</summary>
internal sealed class SmallFiles(LibraryStore store, LibraryChanges changes, Uploads uploads)
{
    /// <summary>Largest file that is read as a torrent, bytes; a listener may accept less.</summary>
    private const long MaxUpload = 256L << 20;

    /// <summary>The small file at a path; null: there is none.</summary>
    public UploadedFile? Find(VirtualPath path)
    {
        var place = TreePlace.Locate(store.Model, path);
        if (place.Kind != PlaceKind.Free)
        {
            return null;
        }

        if (uploads.Find(place.Path) is { } small)
        {
            return small;
        }

        var waiting = WaitingUploads(place.Route).FirstOrDefault(t => NameIndex.Same(t.Upload!.Name, place.Name));
        return waiting is null ? null : new UploadedFile(EntryOf(waiting), waiting.Upload!.Content, false, []);
    }

    public List<FileEntry> ListIn(TreePlace folder)
    {
        var files = uploads.ListedIn(folder.Path).Select(u => u.Entry).ToList();
        files.AddRange(WaitingUploads(folder.Route).Select(EntryOf).Where(e => !files.Exists(f => NameIndex.Same(f.Name, e.Name))));
        return files;
    }

    /// <summary>Whether a file may be written here; length in bytes, null: not known yet.</summary>
    public WriteResult MayPut(TreePlace place, long? length)
    {
        switch (place.Kind)
        {
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder:
                return new WriteResult(WriteOutcome.IsADirectory, "There is a folder of this name.");
            case PlaceKind.Torrent when place.Torrent!.IsFolder:
                uploads.NoteRefusal(place.Path);
                return new WriteResult(WriteOutcome.IsADirectory, $"\"{place.Name}\" is a torrent, and its content cannot be changed.");
            case PlaceKind.Torrent or PlaceKind.Inside:
                uploads.NoteRefusal(place.Path);
                return Refusals.Inside(place);
            case PlaceKind.Nowhere:
                return Refusals.NoParent(place);
        }

        var meaning = FileMeanings.Of(place.Name);
        if (meaning == FileMeaning.DesktopFile)
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

    public async Task<WriteResult> PutAsync(TreePlace place, Stream content, CancellationToken cancellationToken)
    {
        var allowed = MayPut(place, content.Length);
        if (!allowed.Succeeded)
        {
            return allowed;
        }

        var meaning = FileMeanings.Of(place.Name);
        var keep = meaning is FileMeaning.DesktopFile or FileMeaning.Link ? Math.Min(content.Length, Uploads.MaxSmallFile) : content.Length;
        var bytes = new byte[keep];
        content.Position = 0;
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return await PutAsync(place, meaning, bytes, cancellationToken);
    }

    public async Task<WriteResult> CopyAsync(TreePlace source, TreePlace target, bool overwrite, CancellationToken cancellationToken)
    {
        if (Find(source.Path) is not { } upload)
        {
            return Refusals.NotFound(source);
        }

        var allowed = MayPut(target, upload.Content.Length);
        if (!allowed.Succeeded)
        {
            return allowed;
        }

        return Find(target.Path) is not null && !overwrite
            ? new WriteResult(WriteOutcome.Exists, $"There is a file \"{target.Name}\" already.")
            : await PutAsync(target, FileMeanings.Of(target.Name), upload.Content, cancellationToken);
    }

    /// <summary>Removes a file, and the torrents that it added and that still wait for metadata.</summary>
    public async Task<WriteResult> DeleteAsync(TreePlace place, CancellationToken cancellationToken)
    {
        var waiting = WaitingUploads(place.Route).Where(t => NameIndex.Same(t.Upload!.Name, place.Name)).ToList();
        foreach (var torrent in waiting)
        {
            var cancelled = await changes.RemoveAsync(torrent.Route, torrent.InfoHash, pieces: true, cancellationToken);
            if (!cancelled.Succeeded)
            {
                return cancelled;
            }
        }

        return uploads.Remove(place.Path) || waiting.Count > 0 ? new WriteResult(WriteOutcome.Done) : Refusals.NotFound(place);
    }

    private async Task<WriteResult> PutAsync(TreePlace place, FileMeaning meaning, byte[] bytes, CancellationToken cancellationToken)
    {
        var was = Find(place.Path) is not null;
        var refused =
            bytes.Length == 0 || meaning == FileMeaning.DesktopFile ? null : await ApplyAsync(place, meaning, bytes, cancellationToken);
        if (refused is { } refusal)
        {
            uploads.Remove(place.Path); // the empty file that was a placeholder for it must not look like an accepted upload
            return Refuse(place, refusal);
        }

        uploads.Put(place.Path, bytes, meaning == FileMeaning.DesktopFile);
        return new WriteResult(was ? WriteOutcome.Replaced : WriteOutcome.Created);
    }

    /// <summary>Does what the content of an upload asks for; the reason when it is refused.</summary>
    private async Task<WriteResult?> ApplyAsync(TreePlace place, FileMeaning meaning, byte[] bytes, CancellationToken cancellationToken)
    {
        switch (meaning)
        {
            case FileMeaning.Torrent:
                var (result, _) = await changes.AddAsync(place.Route, new Addition(null, bytes, Origins.Mount), null, cancellationToken);
                return result.Succeeded ? null : result;

            case FileMeaning.Link:
                var links = ParsedTorrent.FindMagnets(bytes);
                if (links.Count == 0)
                {
                    return new WriteResult(WriteOutcome.Unsupported, $"There is no magnet link in \"{place.Name}\".");
                }

                foreach (var link in links)
                {
                    var upload = new CatalogUpload(place.Name, bytes);
                    var (added, _) = await changes.AddAsync(
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
                return bytes.Length <= Uploads.MaxSmallFile || ParsedTorrent.TryReadFile(bytes, out _, out _)
                    ? null
                    : new WriteResult(WriteOutcome.Unsupported, $"\"{place.Name}\" is neither small nor a torrent.");
        }
    }

    /// <summary>Torrents without metadata that a small file brought.</summary>
    private IEnumerable<CatalogTorrent> WaitingUploads(string route)
    {
        return store.Model.Find(route) is { PendingCount: > 0 } found
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
        uploads.NoteRefusal(place.Path);
        return refusal;
    }
}
