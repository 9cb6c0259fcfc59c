using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.WebSeeds;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>The web seeds of one torrent, and those of them that are in its swarm. Safe for use by many threads.</summary>
/// <param name="services">Of the session.</param>
/// <param name="named">Those that the torrent was added with.</param>
internal sealed class TorrentWebSeeds(TorrentServices services, IReadOnlyList<string> named)
{
    private const int MostHosts = 8;

    private readonly Lock _lock = new();
    private readonly List<string> _named = [.. named];
    private readonly Dictionary<string, WebSeed> _running = new(StringComparer.OrdinalIgnoreCase); // by scheme, host and port
    private Swarm? _swarm; // that they are in

    /// <summary>Why none of them gives anything, for users; null: one does, or nothing is known yet.</summary>
    public string? Trouble
    {
        get
        {
            lock (_lock)
            {
                return _running.Count > 0 && _running.Values.All(static seed => seed.Trouble is not null)
                    ? _running.Values.First().Trouble
                    : null;
            }
        }
    }

    /// <summary>More of them became known: by metadata, or because the torrent was added again. They are used from the next <see cref="Start"/> on.</summary>
    public void Add(IReadOnlyList<string> more)
    {
        lock (_lock)
        {
            _named.AddRange(more.Except(_named, StringComparer.Ordinal));
        }
    }

    /// <summary>Brings those into the swarm that are not in it yet. They leave when it is closed.</summary>
    public void Start(Swarm swarm, TorrentInfo info)
    {
        if (services.Swarms.Options.DisableWebSeeds)
        {
            return;
        }

        lock (_lock)
        {
            if (_swarm != swarm)
            {
                _swarm = swarm;
                _running.Clear();
            }

            foreach (var host in _named.Select(Parse).OfType<Uri>().GroupBy(static uri => uri.GetLeftPart(UriPartial.Authority)))
            {
                if (_running.Count < MostHosts && !_running.ContainsKey(host.Key))
                {
                    var seed = new WebSeed(swarm, info, [.. host], services.Http, services.Swarms.Peers);
                    _running[host.Key] = seed;
                    Background.Forget(
                        "web seed",
                        services.Log,
                        Task.Run(() => seed.RunAsync(() => swarm.Status.MissingBytes == 0, swarm.Ending))
                    );
                }
            }
        }
    }

    private static Uri? Parse(string url)
    {
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 ? uri : null;
    }
}
