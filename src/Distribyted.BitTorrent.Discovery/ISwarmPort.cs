using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>What a source of peers sees of its torrent, and what it may tell it. Safe for use by many threads; no member waits.</summary>
public interface ISwarmPort
{
    /// <summary>Which torrent.</summary>
    InfoHash InfoHash { get; }

    /// <summary>Whether the metadata is here; without it failures are retried sooner.</summary>
    bool HasMetadata { get; }

    /// <summary>BEP 27: peers may come from its own trackers only. False while the metadata is not known.</summary>
    bool IsPrivate { get; }

    /// <summary>The trackers of the torrent or magnet in tiers (BEP 12), as they were given: some may be of no use.</summary>
    IReadOnlyList<IReadOnlyList<string>> Trackers { get; }

    /// <summary>The TCP port that peers are told.</summary>
    OwnPorts Ports { get; }

    /// <summary>How many more peers would be of use; 0: none.</summary>
    int WantedPeers { get; }

    /// <summary>No reader uses the torrent at the moment; it may have pieces to give. A source that costs others something does not look for peers then.</summary>
    bool IsIdle { get; }

    /// <summary>How urgently they are needed now: <see cref="PeerUrgency.Reader"/> only while a reader is blocked.</summary>
    PeerUrgency Urgency { get; }

    /// <summary>Payload bytes since the torrent was added in this run, and what is left (16384 while the size is unknown).</summary>
    (long Downloaded, long Uploaded, long Left) Progress { get; }

    /// <summary>Hands over peers that were found; the swarm decides which of them are dialled.</summary>
    void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin);
}
