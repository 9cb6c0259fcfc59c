using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What a swarm wants from its torrent. Called inside the swarm's lock: nothing here waits, and nothing takes a lock that is taken before it.</summary>
internal interface ISwarmOwner
{
    InfoHash InfoHash { get; }

    /// <summary>Whether the content is a folder of this machine.</summary>
    bool IsShared { get; }

    void CountDownload(int bytes);

    void CountUpload(long bytes);

    /// <summary>Keeps the peers that serve us for the next start, in case the process is killed. Returns at once.</summary>
    void KeepPeers(IReadOnlyList<PeerEndPoint> peers);

    /// <summary>A reader waits and no peer serves it: sources of peers are asked as soon as they allow it.</summary>
    void PeersWanted();

    /// <summary>The metadata came from the swarm, with the right hash. The work is done elsewhere.</summary>
    void MetadataReceived(byte[] bytes);

    /// <summary>The last missing piece is stored.</summary>
    void BecameWhole();
}
