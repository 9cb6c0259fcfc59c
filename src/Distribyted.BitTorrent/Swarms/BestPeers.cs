using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Which peers are kept for the next start. Guarded by the swarm's lock.</summary>
internal sealed class BestPeers(SwarmState state, PeerTable peers, PeerCandidates candidates)
{
    private const int Most = 16;
    private const long KeepEvery = 300 * MonotonicClock.Second; // and once as soon as a peer serves us: the process may end without closing

    private long _keptAt = -1;

    /// <summary>Those that gave most, then those that ever answered.</summary>
    public IReadOnlyList<PeerEndPoint> Find()
    {
        return
        [
            .. peers
                .All.Where(static p => p.Listens is not null)
                .OrderByDescending(static p => p.Downloaded)
                .Select(static p => p.Listens!.Value)
                .Concat(candidates.ThatWorked())
                .Distinct()
                .Take(Most),
        ];
    }

    /// <summary>Once a second: keeps them when it is time.</summary>
    public void Heartbeat(long now)
    {
        state.Lock.AssertHeld();
        var isDue = _keptAt < 0 || now - _keptAt >= KeepEvery;
        if (isDue && state.Content is not null && peers.All.Exists(static p => p.Downloaded > 0))
        {
            _keptAt = now;
            state.Torrent.KeepPeers(Find());
        }
    }
}
