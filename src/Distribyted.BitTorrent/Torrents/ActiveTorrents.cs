using System.Collections.Concurrent;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>The torrents that have a swarm, and how many of them may have one only because peers want their pieces. Safe for use by many threads.</summary>
/// <param name="log">For errors of work that is not awaited.</param>
internal sealed class ActiveTorrents(ILogger log)
{
    private const int MaxForPeersPerSecond = 10; // incoming connections may not activate the whole library
    private const int MaxForPeers = 200;

    private readonly ConcurrentDictionary<Torrent, byte> _all = new();
    private int _forPeersThisSecond;

    public IEnumerable<Torrent> All => _all.Select(static entry => entry.Key);

    private int OnlyServing => _all.Count(static entry => entry.Key.Swarm is { IsLooking: false });

    public void Add(Torrent torrent)
    {
        _all[torrent] = 0;
    }

    public void Remove(Torrent torrent)
    {
        _all.TryRemove(torrent, out _);
    }

    /// <summary>Whether one more may be activated for a peer now; it counts as one when the answer is yes.</summary>
    public bool MayActivateForPeer()
    {
        return Interlocked.Increment(ref _forPeersThisSecond) <= MaxForPeersPerSecond && OnlyServing < MaxForPeers;
    }

    /// <summary>A second has gone by.</summary>
    public void NextSecond()
    {
        Interlocked.Exchange(ref _forPeersThisSecond, 0);
    }

    /// <summary>Activates a torrent in the background: it looks for peers and metadata.</summary>
    public void ActivateLater(Torrent torrent, CancellationToken stopping)
    {
        Background.Forget("activation of a torrent", log, RunAsync(torrent, async () => await torrent.ActivateAsync(stopping)));
    }

    /// <summary>Activates a torrent for peers that were named for it.</summary>
    public void ServeLater(Torrent torrent, IReadOnlyList<Protocol.PeerEndPoint> peers, CancellationToken stopping)
    {
        Background.Forget(
            "activation of a torrent for peers",
            log,
            RunAsync(torrent, async () => (await torrent.ActivateToServeAsync(stopping)).OfferTo(peers))
        );
    }

    private async Task RunAsync(Torrent torrent, Func<Task> activate)
    {
        try
        {
            await activate();
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
        catch (Exception e)
        {
            log.ActivationFailed(torrent.InfoHash, e.Message);
        }
    }
}
