using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>A swarm's dials under way, and whether another may begin. Guarded by the swarm's lock.</summary>
/// <remarks>
/// Half the peers that a tracker names are behind routers that answer nothing. A peer that can be reached answers within a round trip, or, when the first
/// packet was lost, to the one that is sent a second later (RFC 6298, section 2.1): a dial without an answer for that second goes on, but no longer keeps
/// others from beginning.
/// </remarks>
internal sealed class OpenDials
{
    internal const int MaxFresh = 24;
    internal const int MaxOpen = 48; // leaves some of the process' half-open connections to other torrents
    private const long FreshFor = MonotonicClock.Second;

    private readonly Dictionary<PeerEndPoint, long> _since = [];

    public int Count => _since.Count;

    public bool MayBegin(long now)
    {
        if (_since.Count < MaxFresh)
        {
            return true;
        }

        var fresh = 0;
        foreach (var (_, since) in _since)
        {
            fresh += now - since < FreshFor ? 1 : 0;
        }

        return fresh < MaxFresh && _since.Count < MaxOpen;
    }

    public void Begin(PeerEndPoint peer, long now)
    {
        _since[peer] = now;
    }

    public bool Contains(PeerEndPoint peer)
    {
        return _since.ContainsKey(peer);
    }

    public void End(PeerEndPoint peer)
    {
        _since.Remove(peer);
    }
}
