namespace Distribyted.BitTorrent.Discovery;

/// <summary>Who goes first when there are more announces than may be sent. A higher value goes first.</summary>
public enum AnnounceUrgency
{
    /// <summary>A torrent that keeps its place at the tracker; nothing waits for its peers.</summary>
    Regular,

    /// <summary>A magnet without metadata.</summary>
    Pending,

    /// <summary>A reader is blocked.</summary>
    Reader,

    /// <summary><c>stopped</c> while the program ends: as many as fit in seconds, so the rate does not count.</summary>
    Farewell,
}
