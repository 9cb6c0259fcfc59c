using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>What discovery sees of a torrent. Safe for use by many threads.</summary>
public interface ISwarmPort
{
    /// <summary>Which torrent.</summary>
    InfoHash InfoHash { get; }

    /// <summary>How many more peers would be of use; 0: announce with numwant=0.</summary>
    int WantedPeers { get; }

    /// <summary>Who waits for them now: <see cref="AnnounceUrgency.Reader"/> only while a reader is blocked.</summary>
    AnnounceUrgency Urgency { get; }

    /// <summary>Payload bytes since the torrent was added in this run, and what is left (16384 while the size is unknown).</summary>
    (long Downloaded, long Uploaded, long Left) Progress { get; }

    /// <summary>Hands over peers; they are judged and dialled by the swarm.</summary>
    void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin);

    /// <summary>What the last announce said, in words for people; null when all is well.</summary>
    void TrackerSaid(string? trouble);
}
