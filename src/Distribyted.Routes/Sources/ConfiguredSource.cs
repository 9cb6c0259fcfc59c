using System.Runtime.CompilerServices;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary><c>routes[].torrents[]</c> of the configuration: links as they are, and <c>.torrent</c> files, which are watched: a changed file
/// replaces its torrent, a missing one is picked up when it appears, and one that goes takes nothing with it: the configuration names it still.</summary>
internal sealed class ConfiguredSource(IReadOnlyList<ConfiguredRoute> routes, TimeProvider time, ILogger logger) : ITorrentSource
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly TorrentFiles _files = new(logger);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<string> _unseenIn = [];

    public string Name => "configuration";

    public bool Answers(string route, string origin)
    {
        return string.Equals(origin, Origins.File, StringComparison.Ordinal);
    }

    public bool MayKnowMore(string route)
    {
        return _unseenIn.Contains(route, StringComparer.Ordinal);
    }

    public async IAsyncEnumerable<IReadOnlyList<WantedTorrent>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folders = routes
            .SelectMany(r => r.Torrents)
            .Select(t => t.TorrentPath)
            .OfType<string>()
            .Select(p => Path.GetDirectoryName(Path.GetFullPath(p))!)
            .Distinct(StringComparer.Ordinal)
            .Select(f => new FolderWatch(f, recursive: false, time, logger))
            .ToList();
        try
        {
            IReadOnlyList<WantedTorrent>? last = null;
            while (true)
            {
                folders.ForEach(f => f.Ensure());
                var unseen = _unseenIn;
                var wanted = Look();
                if (last is null || !last.SequenceEqual(wanted) || !unseen.SequenceEqual(_unseenIn))
                {
                    last = wanted;
                    yield return wanted;
                }

                if (folders.Count == 0)
                {
                    yield break; // links never change while the program runs
                }

                await WaitAsync(folders, cancellationToken);
            }
        }
        finally
        {
            folders.ForEach(f => f.Dispose());
        }
    }

    private async Task WaitAsync(List<FolderWatch> folders, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = folders.ConvertAll(f => f.WaitAsync(_files.HasDoubtful, end.Token));
        await Task.WhenAny(waits);
        await end.CancelAsync();
        foreach (var wait in waits)
        {
            try
            {
                await wait;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Another folder was first.
            }
        }

        await Task.Delay(Quiet, time, cancellationToken);
    }

    private List<WantedTorrent> Look()
    {
        var wanted = new List<WantedTorrent>();
        foreach (var route in routes)
        {
            foreach (var torrent in route.Torrents)
            {
                if (torrent.Magnet is { } magnet)
                {
                    AddMagnet(wanted, route.Name, magnet, torrent.Where);
                }

                if (torrent.TorrentPath is { } path)
                {
                    AddFile(wanted, route.Name, path, torrent.Where);
                }
            }
        }

        // A file on a network drive that comes late: what it named the last time stays until it has been seen.
        _unseenIn = [.. routes.Where(r => r.Torrents.Any(t => t.TorrentPath is { } path && !_seen.Contains(path))).Select(r => r.Name)];
        return wanted;
    }

    private void AddMagnet(List<WantedTorrent> wanted, string route, string magnet, string where)
    {
        if (ParsedTorrent.TryReadMagnet(magnet, out var parsed, out var error))
        {
            wanted.Add(new WantedTorrent(route, parsed.InfoHash, parsed.Magnet, null, Origins.File, where));
        }
        else if (_refused.Add(where))
        {
            logger.WantedNotAdded(where, error);
        }
    }

    private void AddFile(List<WantedTorrent> wanted, string route, string path, string where)
    {
        if (!File.Exists(path))
        {
            if (_missing.Add(path))
            {
                logger.SourceMissing(where, path);
            }
        }
        else
        {
            _missing.Remove(path);
        }

        foreach (var link in _files.Read(path))
        {
            _seen.Add(path);
            wanted.Add(
                new WantedTorrent(route, link.InfoHash, link.Magnet, link.Magnet is null ? path : null, Origins.File, where, link.Trackers)
            );
        }
    }
}
