using Distribyted.BitTorrent.Storage.Pieces;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Telemetry;

/// <summary>Log messages of the storage. Ids 1600 to 1699.</summary>
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
        "The disk of the piece cache is full or does not accept writes ({Reason}). New pieces stay in memory only; the next attempt is in a minute. Free disk space, or lower torrent.global_cache_size."
    )]
    public static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(1603, LogLevel.Information, "The disk of the piece cache accepts writes again.")]
    public static partial void DiskAcceptsWrites(this ILogger logger);

    [LoggerMessage(
        1604,
        LogLevel.Warning,
        "Piece {Piece} of {Torrent} was damaged on disk and is dropped; it is fetched again when it is needed."
    )]
    public static partial void PieceDamaged(this ILogger logger, int piece, string torrent);

    [LoggerMessage(
        1605,
        LogLevel.Warning,
        "The journal of the piece cache could not be replaced by a shorter one; the old one is used further."
    )]
    public static partial void SnapshotFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        1606,
        LogLevel.Error,
        "{Torrent}: the event {Event} of piece {Piece} ended with an error; the next event is delivered. Please report this."
    )]
    public static partial void PieceEventFailed(this ILogger logger, string torrent, PieceEventKind @event, int piece, Exception exception);

    [LoggerMessage(
        1607,
        LogLevel.Information,
        "The limit of the piece cache is lower than before: {Groups} groups of pieces were evicted, {Moved} slots were moved."
    )]
    public static partial void CacheShrunk(this ILogger logger, int groups, int moved);

    [LoggerMessage(
        1608,
        LogLevel.Warning,
        "The metainfo file {File} is damaged and was deleted; the metadata is fetched from peers again."
    )]
    public static partial void MetainfoDamaged(this ILogger logger, string file, Exception? exception);

    [LoggerMessage(1609, LogLevel.Warning, "{Count} verified pieces were not written in time at stop; they are fetched again when needed.")]
    public static partial void StoppedUnwritten(this ILogger logger, int count);

    [LoggerMessage(
        1610,
        LogLevel.Debug,
        "Memory of pieces that was not needed for a minute was given back: {Bytes} bytes, in {Milliseconds:0} ms."
    )]
    public static partial void MemoryGivenBack(this ILogger logger, long bytes, double milliseconds);

    [LoggerMessage(
        1690,
        LogLevel.Error,
        "The piece cache could not find out whether sockets can send from its slots without a copy; until the next start everything is copied."
    )]
    public static partial void PinProbeFailed(this ILogger logger, Exception exception);
}
