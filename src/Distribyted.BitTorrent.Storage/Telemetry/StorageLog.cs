using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Telemetry;

/// <summary>What the piece store says. Ids 1600 to 1699.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(
        1600,
        LogLevel.Information,
        "Piece cache {Folder}: {Pieces} pieces, {Bytes} bytes of {Capacity} (-1: no limit). Each is checked when it is first read."
    )]
    public static partial void CacheOpened(this ILogger logger, string folder, long pieces, long bytes, long capacity);

    [LoggerMessage(1601, LogLevel.Warning, "Piece cache {Folder}: no usable journal; it starts empty.")]
    public static partial void CacheReset(this ILogger logger, string folder);

    [LoggerMessage(
        1602,
        LogLevel.Warning,
        "The disk of the piece cache takes no more ({Reason}). Pieces live in memory; the next try is in a minute. Free space on it, or lower torrent.global_cache_size."
    )]
    public static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(1603, LogLevel.Information, "The disk of the piece cache takes pieces again.")]
    public static partial void DiskHasRoom(this ILogger logger);

    [LoggerMessage(
        1604,
        LogLevel.Warning,
        "Piece {Piece} of {Torrent} was damaged on disk and is dropped; it is fetched again when it is needed."
    )]
    public static partial void PieceDamaged(this ILogger logger, int piece, string torrent);

    [LoggerMessage(1605, LogLevel.Warning, "The journal of the piece cache could not be rewritten; it goes on in the old one.")]
    public static partial void SnapshotFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1606, LogLevel.Error, "A torrent failed on news of its pieces.")]
    public static partial void PieceEventFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1607, LogLevel.Information, "The piece cache is smaller than before: {Groups} groups go, {Moved} slots move.")]
    public static partial void CacheShrunk(this ILogger logger, int groups, int moved);

    [LoggerMessage(1608, LogLevel.Warning, "The metainfo file {File} is damaged and is not used.")]
    public static partial void MetainfoDamaged(this ILogger logger, string file, Exception? exception);

    [LoggerMessage(1609, LogLevel.Warning, "{Count} verified pieces were not written in time at stop; they are fetched again when needed.")]
    public static partial void StoppedUnwritten(this ILogger logger, int count);

    [LoggerMessage(
        1690,
        LogLevel.Error,
        "Whether slots of the piece cache can be lent to sockets cannot be found out; they are copied until the next start."
    )]
    public static partial void LendingFailed(this ILogger logger, Exception exception);
}
