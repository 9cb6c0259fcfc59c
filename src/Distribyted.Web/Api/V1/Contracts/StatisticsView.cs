namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>The program as a whole. Counters begin at 0 with the program; a difference of two answers over the time between them is a rate.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="At">When this was measured.</param>
/// <param name="DownloadedBytes">Payload from peers.</param>
/// <param name="UploadedBytes">Payload to peers.</param>
/// <param name="VerifiedBytes">Bytes of pieces whose hash was right.</param>
/// <param name="WastedBytes">Bytes of blocks that were not wanted when they came, and of pieces whose hash was wrong.</param>
/// <param name="DownloadRate">Bytes per second over the last two seconds.</param>
/// <param name="UploadRate">Bytes per second over the last two seconds.</param>
/// <param name="CachePieces">Pieces in the cache.</param>
/// <param name="CacheBytes">Bytes of them.</param>
/// <param name="CacheCapacity">Bytes; null: no limit.</param>
/// <param name="IsDiskFull">Whether the disk of the cache refuses bytes.</param>
/// <param name="Connections">Connected peers.</param>
/// <param name="MaxConnections">Most connections.</param>
/// <param name="Torrents">Known torrents.</param>
/// <param name="ActiveTorrents">Those with connections, or that look for peers.</param>
/// <param name="ListenPort">Port that peers reach us on. Null for users who may only read.</param>
/// <param name="ReachTrouble">Why peers from the internet cannot reach us; null: they can, or it is not known.</param>
/// <param name="FreeDiskBytes">Bytes that the disk of the cache has free; null: the system does not say.</param>
/// <param name="DhtNodes">Nodes of the DHT that are known; null: the DHT is off.</param>
public sealed record StatisticsView(
    string Version,
    DateTimeOffset StartedAt,
    DateTimeOffset At,
    long DownloadedBytes,
    long UploadedBytes,
    long VerifiedBytes,
    long WastedBytes,
    long DownloadRate,
    long UploadRate,
    long CachePieces,
    long CacheBytes,
    long? CacheCapacity,
    bool IsDiskFull,
    int Connections,
    int MaxConnections,
    int Torrents,
    int ActiveTorrents,
    int? ListenPort,
    string? ReachTrouble,
    long? FreeDiskBytes,
    int? DhtNodes
);
