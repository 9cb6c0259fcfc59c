namespace Distribyted.BitTorrent.Swarms;

/// <summary>What happened.</summary>
public enum SessionEventKind
{
    /// <summary>A reader waits for a second or longer. Comes again after 10 s, 100 s and so on.</summary>
    ReaderWaits,

    /// <summary>A reader that waited so long goes on, or was closed.</summary>
    ReaderGoesOn,

    /// <summary>The torrent has a swarm now.</summary>
    TorrentActive,

    /// <summary>It has none any more.</summary>
    TorrentIdle,
}
