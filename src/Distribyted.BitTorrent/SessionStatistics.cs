using Distribyted.BitTorrent.Torrents;

namespace Distribyted.BitTorrent;

/// <summary>The engine right now. Immutable.</summary>
/// <param name="CacheItems">Pieces in the cache.</param>
/// <param name="CacheFilled">Bytes of them.</param>
/// <param name="CacheCapacity">The configured limit in bytes, of which the cache's own files take a little; -1: no limit.</param>
/// <param name="Downloaded">Payload bytes since start.</param>
/// <param name="Uploaded">Payload bytes since start.</param>
/// <param name="Window">The last two seconds.</param>
/// <param name="Connections">Connected peers.</param>
public sealed record SessionStatistics(
    long CacheItems,
    long CacheFilled,
    long CacheCapacity,
    long Downloaded,
    long Uploaded,
    TransferWindow Window,
    int Connections
)
{
    /// <summary>Bytes of pieces whose hash was right, since start.</summary>
    public long Verified { get; init; }

    /// <summary>Bytes of blocks that were not wanted when they came (asked twice, or not at all), and of pieces whose hash was wrong, since start.</summary>
    public long Wasted { get; init; }

    /// <summary>Most connections; the configured limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Known torrents.</summary>
    public int Torrents { get; init; }

    /// <summary>Torrents with a swarm.</summary>
    public int ActiveTorrents { get; init; }

    /// <summary>Nodes of the DHT that are known; null: the DHT is off.</summary>
    public int? DhtNodes { get; init; }

    /// <summary>Whether the disk of the cache refused bytes and was not tried again since.</summary>
    public bool IsDiskFull { get; init; }
}
