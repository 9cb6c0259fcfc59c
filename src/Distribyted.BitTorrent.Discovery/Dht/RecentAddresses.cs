using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Remembers end points for a while, as many as there are slots: a new one may push an old one out. Not safe for use by many threads.</summary>
internal sealed class RecentAddresses(TimeSpan lifetime)
{
    private const int Slots = 4096;

    private readonly (PeerEndPoint EndPoint, TimeSpan At)[] _slots = new (PeerEndPoint, TimeSpan)[Slots];

    public void Add(PeerEndPoint endPoint, TimeSpan now)
    {
        _slots[IndexOf(endPoint)] = (endPoint, now);
    }

    public bool Contains(PeerEndPoint endPoint, TimeSpan now)
    {
        var (known, at) = _slots[IndexOf(endPoint)];
        return known == endPoint && endPoint.Port != 0 && now - at <= lifetime;
    }

    private static int IndexOf(PeerEndPoint endPoint)
    {
        return HashCode.Combine(endPoint) & (Slots - 1); // seeded anew in every process
    }
}
