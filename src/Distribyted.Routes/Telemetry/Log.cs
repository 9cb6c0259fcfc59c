using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Telemetry;

/// <summary>Log messages of this project. Ids 2000 to 2999; an id is never used again for something else.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "The library has {Torrents} torrents in {Routes} routes; {Pending} wait for metadata.")]
    internal static partial void LibraryRead(this ILogger logger, int torrents, int routes, int pending);

    [LoggerMessage(2001, LogLevel.Information, "Route {Route}: added {Name} ({InfoHash}), from {Origin}.")]
    internal static partial void TorrentAdded(this ILogger logger, string route, string name, InfoHash infoHash, string origin);

    [LoggerMessage(2002, LogLevel.Information, "Route {Route}: {Name} ({InfoHash}) has its metadata and is in the tree.")]
    internal static partial void MetadataArrived(this ILogger logger, string route, string name, InfoHash infoHash);

    [LoggerMessage(2003, LogLevel.Information, "Route {Route}: removed {Name} ({InfoHash}).")]
    internal static partial void TorrentRemoved(this ILogger logger, string route, string name, InfoHash infoHash);

    [LoggerMessage(2004, LogLevel.Information, "Route {Route} was made.")]
    internal static partial void RouteMade(this ILogger logger, string route);

    [LoggerMessage(2010, LogLevel.Error, "The library was not changed: {What} failed: {Reason}")]
    internal static partial void ChangeFailed(this ILogger logger, string what, string reason, Exception exception);

    [LoggerMessage(2011, LogLevel.Warning, "The metadata of {InfoHash} cannot be used: {Reason}")]
    internal static partial void MetadataUnusable(this ILogger logger, InfoHash infoHash, string reason);

    [LoggerMessage(2012, LogLevel.Error, "Waiting for the metadata of {InfoHash} failed; the torrent stays pending until the next start.")]
    internal static partial void MetadataWaitFailed(this ILogger logger, InfoHash infoHash, Exception exception);

    [LoggerMessage(
        2013,
        LogLevel.Warning,
        "The metadata of {Count} torrents was received but not saved to the catalog; retrying in {RetryAfter}."
    )]
    internal static partial void ArrivalsWait(this ILogger logger, int count, TimeSpan retryAfter);

    [LoggerMessage(
        2014,
        LogLevel.Error,
        "The metadata of {Count} torrents was received but could not be processed; they stay pending until the next start."
    )]
    internal static partial void ArrivalsFailed(this ILogger logger, int count, Exception exception);

    [LoggerMessage(2015, LogLevel.Warning, "The metadata of {InfoHash} is no longer on disk; it is fetched again.")]
    internal static partial void MetadataLost(this ILogger logger, InfoHash infoHash);

    [LoggerMessage(2016, LogLevel.Warning, "Torrent {InfoHash} was removed, but not all of its files could be deleted.")]
    internal static partial void RemovalFailed(this ILogger logger, InfoHash infoHash, Exception exception);

    [LoggerMessage(2020, LogLevel.Error, "The catalog {File} could not be written; the change was refused.")]
    internal static partial void CatalogNotWritten(this ILogger logger, string file, Exception exception);

    [LoggerMessage(
        2021,
        LogLevel.Debug,
        "The catalog {File} could not be closed after a failed write; it is opened again for the next change."
    )]
    internal static partial void CatalogNotClosed(this ILogger logger, string file, Exception exception);

    [LoggerMessage(
        2022,
        LogLevel.Warning,
        "Backup {File} of the catalog failed; the catalog itself is intact. Retried after the next change."
    )]
    internal static partial void CatalogNotBackedUp(this ILogger logger, string file, Exception exception);

    [LoggerMessage(
        2023,
        LogLevel.Error,
        "{File} was missing or empty; {Backup} of {When:u} was put in its place. What was added since is not in it. To begin anew, move {File} and its backups away."
    )]
    internal static partial void CatalogRestored(this ILogger logger, string file, string backup, DateTime when);

    [LoggerMessage(2030, LogLevel.Warning, "{Where}: {Path} is not there; it is picked up when it appears.")]
    internal static partial void SourceMissing(this ILogger logger, string where, string path);

    [LoggerMessage(2031, LogLevel.Warning, "{Path} is not used: {Reason}")]
    internal static partial void SourceFileUnusable(this ILogger logger, string path, string reason);

    [LoggerMessage(2032, LogLevel.Warning, "{Path} cannot be watched ({Reason}); it is looked at every {Interval}.")]
    internal static partial void NotWatched(this ILogger logger, string path, string reason, TimeSpan interval);

    [LoggerMessage(2033, LogLevel.Error, "The source {Source} failed; it is started again in {Interval}.")]
    internal static partial void SourceFailed(this ILogger logger, string source, TimeSpan interval, Exception exception);

    [LoggerMessage(2034, LogLevel.Warning, "{Where} was not added: {Reason}")]
    internal static partial void WantedNotAdded(this ILogger logger, string where, string? reason);

    [LoggerMessage(
        2035,
        LogLevel.Warning,
        "Route {Route}: torrent_folder {Folder} counts as not mounted: {Reason}. {Count} torrents that it does not name stay. To let them go, remove them from the route, or put any file into an empty folder."
    )]
    internal static partial void FolderDoubted(this ILogger logger, string route, string folder, string reason, int count);

    [LoggerMessage(
        2036,
        LogLevel.Warning,
        "{Path} cannot be read ({Reason}); what is in it is not used. It is looked at again every {Interval}."
    )]
    internal static partial void PartUnreadable(this ILogger logger, string path, string reason, TimeSpan interval);

    [LoggerMessage(
        2040,
        LogLevel.Information,
        "Shared folder {Name}: files: {Files}, pieces: {AllPieces}, hashed now: {Pieces}; {InfoHash}."
    )]
    internal static partial void FolderShared(this ILogger logger, string name, int files, int pieces, int allPieces, InfoHash infoHash);

    [LoggerMessage(2041, LogLevel.Warning, "Shared folder {Name}: it cannot be read ({Reason}); tried again in {RetryAfter}.")]
    internal static partial void FolderUnreadable(this ILogger logger, string name, string reason, TimeSpan retryAfter);

    [LoggerMessage(
        2042,
        LogLevel.Warning,
        "Shared folder {Name}: no trackers from its tracker_url ({Reason}); the configured ones are used."
    )]
    internal static partial void TrackersNotFetched(this ILogger logger, string name, string reason);

    [LoggerMessage(2043, LogLevel.Information, "Shared folder {Name} is empty; there is nothing to offer.")]
    internal static partial void FolderEmpty(this ILogger logger, string name);

    [LoggerMessage(2044, LogLevel.Warning, "Shared folder {Name}: the kept hashes cannot be used ({Reason}); all files are read again.")]
    internal static partial void HashesNotUsed(this ILogger logger, string name, string reason);

    [LoggerMessage(
        2045,
        LogLevel.Warning,
        "Shared folder {Name}: its hashes cannot be kept ({Reason}); the next start reads all files again."
    )]
    internal static partial void HashesNotKept(this ILogger logger, string name, string reason);

    [LoggerMessage(2046, LogLevel.Warning, "Shared folder {Name}: {Path} is not offered: {Reason}. The rest is.")]
    internal static partial void PartNotShared(this ILogger logger, string name, string path, string reason);

    [LoggerMessage(
        2047,
        LogLevel.Warning,
        "Route {Route}: the link of {Name} ({Torrent}) selects no file of it (so=, BEP 53); all of them are shown."
    )]
    internal static partial void SelectionIsEmpty(this ILogger logger, string route, string name, InfoHash torrent);

    [LoggerMessage(
        2090,
        LogLevel.Warning,
        "Shared folder {Name}: files of it cannot be read, or are not as they were hashed; their pieces are not offered. Tried again every {Interval}."
    )]
    internal static partial void PiecesMissing(this ILogger logger, string name, TimeSpan interval);

    [LoggerMessage(2091, LogLevel.Information, "Shared folder {Name}: all of it can be read again.")]
    internal static partial void PiecesBack(this ILogger logger, string name);
}
