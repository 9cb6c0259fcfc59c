namespace Distribyted.BitTorrent.Discovery;

/// <summary>Who goes first when there are more announces than may be sent.</summary>
internal enum AnnounceUrgency
{
    /// <summary>A torrent that keeps its place at the tracker.</summary>
    Regular,

    /// <summary>Somebody waits for peers.</summary>
    Wanted,

    /// <summary><c>stopped</c> while the program ends: as many as fit in seconds, so the rate does not count.</summary>
    Farewell,
}
