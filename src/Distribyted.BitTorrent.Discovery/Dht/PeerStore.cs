using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The peers that have announced themselves to us, of torrents near our id. Bounded; not safe for use by many threads.</summary>
internal sealed class PeerStore
{
    /// <summary>Torrents; when there are more, the one with the fewest peers goes.</summary>
    public const int MaxTorrents = 1000;

    /// <summary>Peers of one torrent; when there are more, the oldest goes.</summary>
    public const int MaxPeersPerTorrent = 200;

    /// <summary>Peers of all torrents; when there are more, an announce is not kept.</summary>
    public const int MaxPeers = 20_000;

    /// <summary>Peers announce every 15 minutes or so.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(40);

    private readonly Dictionary<NodeId, List<(PeerEndPoint Peer, TimeSpan At)>> _torrents = []; // oldest first

    /// <summary>Peers of all torrents, with those whose time is over but that no node asked for.</summary>
    public int Count { get; private set; }

    public void Add(in NodeId torrent, PeerEndPoint peer, TimeSpan now)
    {
        if (!_torrents.TryGetValue(torrent, out var peers))
        {
            if (_torrents.Count >= MaxTorrents)
            {
                DropOne(now);
            }

            peers = [];
            _torrents.Add(torrent, peers);
        }

        Count -= peers.RemoveAll(other => other.Peer == peer || now - other.At > Lifetime);
        if (peers.Count >= MaxPeersPerTorrent)
        {
            peers.RemoveAt(0);
            Count--;
        }

        if (Count < MaxPeers)
        {
            peers.Add((peer, now));
            Count++;
        }
        else if (peers.Count == 0)
        {
            _torrents.Remove(torrent);
        }
    }

    /// <summary>Peers of a torrent, in random order.</summary>
    public void Find(in NodeId torrent, int most, TimeSpan now, List<PeerEndPoint> found)
    {
        if (!_torrents.TryGetValue(torrent, out var peers))
        {
            return;
        }

        DropOld(peers, now);
        if (peers.Count == 0)
        {
            _torrents.Remove(torrent);
            return;
        }

        var start = peers.Count > most ? Random.Shared.Next(peers.Count) : 0;
        for (var i = 0; i < Math.Min(most, peers.Count); i++)
        {
            found.Add(peers[(start + i) % peers.Count].Peer);
        }
    }

    // Of its own: what is captured is allocated where its method begins, for every question.
    private void DropOld(List<(PeerEndPoint Peer, TimeSpan At)> peers, TimeSpan now)
    {
        Count -= peers.RemoveAll(peer => now - peer.At > Lifetime);
    }

    private void DropOne(TimeSpan now)
    {
        var (torrent, peers) = _torrents.MinBy(entry => now - entry.Value[^1].At > Lifetime ? 0 : entry.Value.Count);
        _torrents.Remove(torrent);
        Count -= peers.Count;
    }
}
