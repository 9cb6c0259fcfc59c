using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Telemetry;

namespace Distribyted.Hosting;

/// <summary>Tells the owner which torrents are ready and which wait, and for what: once after the start, then each one as it becomes ready.
/// Three hundred torrents are a sentence, not three hundred lines.</summary>
internal sealed class TorrentReport(RouteManager routes, TorrentSession session, TimeProvider time, ILogger<TorrentReport> logger)
    : BackgroundService
{
    private const int MostLines = 10;
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(4); // trackers that live have answered by then

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(FirstLook, time, stoppingToken);
            var waiting = Report(routes.Current);
            await foreach (var library in routes.WatchAsync(stoppingToken))
            {
                waiting = Follow(library, waiting);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends, perhaps before it ever began: nothing is left to tell.
        }
    }

    private HashSet<(string Route, InfoHash Hash)> Report(Library library)
    {
        var all = library.Routes.SelectMany(r => r.Torrents).ToArray();
        var pending = all.Where(t => t.IsPending).ToArray();
        var ready = all.Length - pending.Length;
        var lines = 0;
        foreach (var torrent in all.Where(t => !t.IsPending).Take(MostLines))
        {
            logger.TorrentReady(PathOf(torrent));
            lines++;
        }

        foreach (var torrent in pending.Take(MostLines))
        {
            logger.TorrentWaits(PathOf(torrent), ReasonOf(torrent));
            lines++;
        }

        if (lines < all.Length || all.Length == 0)
        {
            logger.TorrentsInAll(
                ready,
                pending.Length,
                all.Length == 0 ? "Add one through the API or the mount." : "All of them: /api/routes."
            );
        }

        return [.. pending.Select(t => (t.Route, t.InfoHash))];
    }

    private HashSet<(string Route, InfoHash Hash)> Follow(Library library, HashSet<(string Route, InfoHash Hash)> waiting)
    {
        var still = new HashSet<(string Route, InfoHash Hash)>();
        var came = new List<LibraryTorrent>();
        foreach (var torrent in library.Routes.SelectMany(r => r.Torrents))
        {
            if (torrent.IsPending)
            {
                still.Add((torrent.Route, torrent.InfoHash));
            }
            else if (waiting.Contains((torrent.Route, torrent.InfoHash)))
            {
                came.Add(torrent);
            }
        }

        foreach (var torrent in came.Take(MostLines))
        {
            logger.TorrentReady(PathOf(torrent));
        }

        if (came.Count > MostLines)
        {
            logger.TorrentsInAll(library.Routes.Sum(r => r.Torrents.Count) - still.Count, still.Count, "All of them: /api/routes.");
        }

        return still;
    }

    private static string PathOf(LibraryTorrent torrent)
    {
        return $"/{torrent.Route}/{torrent.Name}";
    }

    private string ReasonOf(LibraryTorrent torrent)
    {
        return session.Find(torrent.InfoHash)?.GetStatistics().Reason ?? "looking for peers that have its metadata";
    }
}
