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
);
