using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Peers that did not answer over TCP, or not in time, when they were dialled last: next time µTP is tried at once. Bounded. Safe for use by many threads.</summary>
internal sealed class TcpFailures
{
    internal const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly HashSet<PeerEndPoint> _peers = []; // guarded by _lock

    public bool Contains(PeerEndPoint peer)
    {
        lock (_lock)
        {
            return _peers.Contains(peer);
        }
    }

    public void Set(PeerEndPoint peer, bool hasFailed)
    {
        lock (_lock)
        {
            if (!hasFailed)
            {
                _peers.Remove(peer);
            }
            else if (_peers.Count < Most || _peers.Contains(peer))
            {
                _peers.Add(peer);
            }
            else
            {
                _peers.Clear(); // only a hint: the price is 250 ms
            }
        }
    }
}
