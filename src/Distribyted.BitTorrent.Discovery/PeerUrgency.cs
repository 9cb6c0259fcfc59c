namespace Distribyted.BitTorrent.Discovery;

/// <summary>How urgently a torrent needs peers. A higher value goes first.</summary>
public enum PeerUrgency
{
    /// <summary>Nothing waits for them: the torrent keeps its place in the swarm.</summary>
    Regular,

    /// <summary>A magnet without metadata.</summary>
    Pending,

    /// <summary>A reader is blocked.</summary>
    Reader,
}
