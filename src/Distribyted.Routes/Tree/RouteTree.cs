using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Routes.Model;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Tree;

/// <summary>The mount table: one <see cref="TorrentFs"/> for each route. A change of torrents is swapped into its route, a change of routes
/// is a new table; requests that read meanwhile go on with the table they have.</summary>
internal sealed class RouteTree
{
    private readonly TorrentSession _session;
    private readonly TorrentTrees _trees;
    private readonly Dictionary<string, TorrentFs> _routes = new(StringComparer.Ordinal); // of the one publisher
    private readonly DateTimeOffset _started;
    private volatile ContainerFs _table;

    internal RouteTree(TorrentSession session, TimeProvider time, ILogger logger)
    {
        _session = session;
        _trees = new TorrentTrees(session, time, logger);
        _started = WholeSeconds.Now(time);
        _table = new ContainerFs([], _started);
    }

    internal IFileSystem Table => _table;

    /// <summary>How many files a torrent shows.</summary>
    /// <exception cref="FileSystemException">Its metadata cannot be had.</exception>
    internal async ValueTask<int> CountFilesAsync(LibraryTorrent torrent, CancellationToken cancellationToken)
    {
        return (await _trees.GetAsync(torrent.InfoHash, torrent.Selection, VirtualPath.Root, cancellationToken)).Files.Count;
    }

    /// <summary>Shows another library. One caller at a time.</summary>
    internal void Publish(LibraryModel former, LibraryModel next)
    {
        var moved = false;
        foreach (var route in next.Routes)
        {
            if (!_routes.TryGetValue(route.Name, out var files))
            {
                _routes.Add(route.Name, new TorrentFs(route, _session, _trees));
                moved = true;
            }
            else if (!ReferenceEquals(former.Find(route.Name), route))
            {
                files.Show(route);
            }
        }

        foreach (var gone in _routes.Keys.Where(name => next.Find(name) is null).ToList())
        {
            _routes.Remove(gone);
            moved = true;
        }

        if (moved)
        {
            var oldest = next.Routes.Select(r => r.Stored.Added).DefaultIfEmpty(_started).Min();
            _table = new ContainerFs(_routes.Select(r => new Mount(VirtualPath.Parse("/" + r.Key), r.Value)), oldest);
        }
    }
}
