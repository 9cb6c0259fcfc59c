using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>Peers of one torrent that are known without asking: named by a magnet link, remembered from the last run, or named by trackers while the
/// torrent was idle. Safe for use by many threads.</summary>
/// <param name="infoHash">Which torrent.</param>
/// <param name="services">Of the session.</param>
/// <param name="torrentLock">Guards the lists.</param>
/// <param name="source">What the torrent was added with.</param>
internal sealed class KnownPeers(InfoHash infoHash, TorrentServices services, Lock torrentLock, TorrentSource source)
{
    private static readonly TimeSpan FirstNamePause = TimeSpan.FromSeconds(10); // between look-ups of host names without an address
    private static readonly TimeSpan LongestNamePause = TimeSpan.FromMinutes(10);

    private IReadOnlyList<PeerEndPoint> _named = source.Peers;
    private IReadOnlyList<string> _hosts = source.PeerHosts; // host:port
    private IReadOnlyList<PeerEndPoint> _heardWhileIdle = [];

    /// <summary>More peers for a torrent that is known already.</summary>
    public void Add(TorrentSource source)
    {
        lock (torrentLock)
        {
            _named = [.. _named.Union(source.Peers)];
            _hosts = [.. _hosts.Union(source.PeerHosts, StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>Trackers named peers while the torrent is idle: its next reader dials them at once.</summary>
    public void HeardWhileIdle(IReadOnlyList<PeerEndPoint> peers)
    {
        lock (torrentLock)
        {
            _heardWhileIdle = [.. peers.Take(MetainfoStore.MaxPeers)];
        }
    }

    /// <summary>The peers of the last run.</summary>
    public Task<IReadOnlyList<PeerEndPoint>> LoadAsync()
    {
        return services.Metainfo.LoadPeersAsync(infoHash, CancellationToken.None);
    }

    /// <summary>Gives all that is known to the swarm.</summary>
    /// <param name="swarm">Just begins to look for peers.</param>
    /// <param name="remembered">Of the last run.</param>
    /// <param name="isCurrent">Whether this is still the torrent's swarm.</param>
    public void GiveTo(Swarm swarm, IReadOnlyList<PeerEndPoint> remembered, Func<Swarm, bool> isCurrent)
    {
        IReadOnlyList<PeerEndPoint> named;
        IReadOnlyList<PeerEndPoint> heard;
        IReadOnlyList<string> hosts;
        lock (torrentLock)
        {
            (named, heard, hosts) = (_named, _heardWhileIdle, _hosts);
            _heardWhileIdle = [];
        }

        swarm.AddPeers(remembered, PeerOrigin.Remembered);
        swarm.AddPeers(named, PeerOrigin.Magnet);
        swarm.AddPeers(heard, PeerOrigin.Tracker);
        DialHosts(swarm, hosts, isCurrent);
    }

    /// <summary>Dials peers that a magnet names by host name. Those without an address yet are looked up again while the torrent is active.</summary>
    public void DialHosts(Swarm swarm, IReadOnlyList<string> hosts, Func<Swarm, bool> isCurrent)
    {
        Background.Forget("dial of named peers", services.Log, DialHostsAsync(swarm, hosts, isCurrent));
    }

    /// <summary>Writes the peers that serve us to disk, for the next start.</summary>
    public async Task KeepAsync(IReadOnlyList<PeerEndPoint> peers)
    {
        try
        {
            await services.Metainfo.SavePeersAsync(infoHash, peers, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            services.Log.PeersNotKept(infoHash, e.Message); // trackers name them again
        }
    }

    private async Task DialHostsAsync(Swarm swarm, IReadOnlyList<string> hosts, Func<Swarm, bool> isCurrent)
    {
        try
        {
            for (var pause = FirstNamePause; hosts.Count > 0 && isCurrent(swarm); pause = pause < LongestNamePause ? 2 * pause : pause)
            {
                (var peers, hosts) = await NamedPeers.FindAsync(hosts, services.Names, services.Stopping);
                swarm.AddPeers(peers, PeerOrigin.Magnet);
                if (hosts.Count == 0 || !await services.TryWaitAsync(pause))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The session ends.
        }
    }
}
