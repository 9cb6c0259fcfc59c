using System.Globalization;
using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tree;

/// <summary>One route as a folder: a torrent of several files is a folder in it, one of a single file is that file. Listings come from the
/// library's rows, folders inside torrents from their metadata; neither content nor the swarm is touched until bytes are read.</summary>
internal sealed class TorrentFs : IFileSystem
{
    private const int NamesInNote = 10;

    private readonly TorrentSession _session;
    private readonly TorrentTrees _trees;
    private volatile RouteModel _route;

    internal TorrentFs(RouteModel route, TorrentSession session, TorrentTrees trees)
    {
        _session = session;
        _trees = trees;
        _route = route;
    }

    /// <summary>Shows other torrents from now on.</summary>
    internal void Show(RouteModel route)
    {
        _route = route;
    }

    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return path.IsRoot ? DescribeRoot(_route) : (await LocateAsync(_route, path, cancellationToken))?.Entry;
    }

    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var route = _route;
        if (path.IsRoot)
        {
            return new Found(this, route, path, DescribeRoot(route), null, 0);
        }

        return await LocateAsync(route, path, cancellationToken) is { } at
            ? new Found(this, route, path, at.Entry, at.Torrent, at.Start)
            : null;
    }

    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var route = _route;
        if (path.IsRoot)
        {
            return new Listing(route);
        }

        if (Find(route, path, out var below) is not { IsFolder: true } torrent)
        {
            return null;
        }

        var tree = await _trees.GetAsync(torrent.InfoHash, torrent.Selection, below, cancellationToken);
        return tree.Folders.List(below, item => EntryOf(torrent, tree, item));
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return !path.IsRoot && await LocateAsync(_route, path, cancellationToken) is { } at
            ? await OpenAsync(at.Entry, at.Torrent, at.Start, intent, cancellationToken)
            : null;
    }

    /// <summary>What is shown here; how much fits is known only for the whole tree.</summary>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(new Space(_route.Length, 0));
    }

    private async ValueTask<(FileEntry Entry, LibraryTorrent Torrent, long Start)?> LocateAsync(
        RouteModel route,
        VirtualPath path,
        CancellationToken cancellationToken
    )
    {
        if (Find(route, path, out var below) is not { } torrent)
        {
            return null;
        }

        if (below.IsRoot)
        {
            return (EntryOf(torrent), torrent, 0); // the only file starts with the torrent: nothing needs to be looked up
        }

        if (!torrent.IsFolder)
        {
            return null;
        }

        var tree = await _trees.GetAsync(torrent.InfoHash, torrent.Selection, below, cancellationToken);
        return tree.Folders.TryFind(below, out var item)
            ? (EntryOf(torrent, tree, item), torrent, item.IsDirectory ? 0 : tree.Files[item.File].Offset)
            : null;
    }

    private async ValueTask<FileReader?> OpenAsync(
        FileEntry entry,
        LibraryTorrent shown,
        long start,
        ReadIntent intent,
        CancellationToken cancellationToken
    )
    {
        if (entry.IsDirectory)
        {
            return null;
        }

        var torrent =
            _session.Find(shown.InfoHash)
            ?? throw new FileSystemException(FileSystemFailure.Removed, $"\"{shown.Name}\" has just been removed.");
        return await TorrentFileReader.OpenAsync(torrent, entry, start, intent, cancellationToken);
    }

    private static LibraryTorrent? Find(RouteModel route, VirtualPath path, out VirtualPath below)
    {
        below = default;
        if (path.IsRoot)
        {
            return null;
        }

        var text = path.Value.AsSpan(1);
        var slash = text.IndexOf('/');
        if (slash < 0)
        {
            return route.FindAnySpelling(text.ToString());
        }

        below = VirtualPath.Parse(text[slash..].ToString());
        return route.FindAnySpelling(text[..slash].ToString());
    }

    private static FileEntry DescribeRoot(RouteModel route)
    {
        var name = route.Name[(route.Name.LastIndexOf('/') + 1)..];
        var tag = $"r{route.Version:x}-{route.Modified.ToUnixTimeSeconds():x}-{route.Count:x}";
        return new FileEntry(name, true, 0, route.Stored.Added, route.Modified, tag);
    }

    internal static FileEntry EntryOf(LibraryTorrent torrent)
    {
        return torrent.IsFolder
            ? new FileEntry(torrent.Name, true, 0, torrent.Added, torrent.Modified, torrent.InfoHash.ToString())
            : new FileEntry(torrent.Name, false, torrent.Length, torrent.Added, torrent.Modified, $"{torrent.InfoHash}-0-{torrent.Length}");
    }

    private static FileEntry EntryOf(LibraryTorrent torrent, TorrentTree tree, TreeItem item)
    {
        if (item.IsDirectory)
        {
            return item.Node == 0
                ? EntryOf(torrent)
                : new FileEntry(item.Name, true, 0, torrent.Added, torrent.Modified, $"{torrent.InfoHash}-d{item.Node}");
        }

        var file = tree.Files[item.File];
        var tag = string.Create(CultureInfo.InvariantCulture, $"{tree.Tag}-{file.Index}-{file.Length}");
        return new FileEntry(item.Name, false, file.Length, torrent.Added, torrent.Modified, tag);
    }

    /// <summary>A file or folder of a torrent with all that opening it needs; resolved again only if the route shows other torrents meanwhile.</summary>
    private sealed class Found(TorrentFs files, RouteModel route, VirtualPath path, FileEntry entry, LibraryTorrent? torrent, long start)
        : FoundEntry(entry)
    {
        public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return torrent is not null && ReferenceEquals(route, files._route)
                ? files.OpenAsync(Entry, torrent, start, intent, cancellationToken)
                : files.OpenAsync(path, intent, cancellationToken);
        }
    }

    private sealed class Listing(RouteModel route) : DirectoryListing
    {
        public override int Count => route.Shown.Count;

        public override string? Note => DescribePending();

        public override FileEntry this[int index] => EntryOf(route.Shown[index]);

        public override string NameAt(int index)
        {
            return route.Shown[index].Name;
        }

        private string? DescribePending()
        {
            if (route.PendingCount == 0)
            {
                return null;
            }

            var names = string.Join(", ", route.Pending.Take(NamesInNote).Select(t => t.Name));
            var more = route.PendingCount > NamesInNote ? $" and {route.PendingCount - NamesInNote} more" : "";
            var torrents = route.PendingCount == 1 ? "1 torrent waits" : $"{route.PendingCount} torrents wait";
            return $"{torrents} for metadata: {names}{more}";
        }
    }
}
