using System.Collections.Concurrent;
using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Who sent wrong bytes: not spoken to for an hour. By address; on loopback, where many peers share one, by end point.</summary>
internal sealed class PeerBans(MonotonicClock clock)
{
    private const long Duration = 3600 * MonotonicClock.Second;
    private const int MaxBans = 65_536;

    private readonly ConcurrentDictionary<PeerEndPoint, long> _until = new();

    public int Count => _until.Count;

    public void Ban(PeerEndPoint peer)
    {
        if (_until.Count < MaxBans)
        {
            _until[KeyOf(peer)] = clock.Now + Duration;
        }
    }

    public bool IsBanned(PeerEndPoint peer)
    {
        if (_until.IsEmpty || !_until.TryGetValue(KeyOf(peer), out var until))
        {
            return false;
        }

        if (until > clock.Now)
        {
            return true;
        }

        _until.TryRemove(KeyOf(peer), out _);
        return false;
    }

    private static PeerEndPoint KeyOf(PeerEndPoint peer)
    {
        var address = peer.Address;
        return IPAddress.IsLoopback(address) ? peer : new PeerEndPoint(address, 0);
    }
}
