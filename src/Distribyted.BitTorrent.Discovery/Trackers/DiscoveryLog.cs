using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>What discovery logs, event ids 1300 to 1399. Trackers by host only: their addresses hold passkeys.</summary>
internal static partial class DiscoveryLog
{
    [LoggerMessage(1300, LogLevel.Debug, "{Torrent}: announce to tracker {Host} brought {Peers} peers; the next announce is in {Next}.")]
    public static partial void Announced(this ILogger logger, InfoHash torrent, string host, int peers, TimeSpan next);

    [LoggerMessage(1301, LogLevel.Debug, "{Torrent}: announce to tracker {Host} failed: {Trouble}.")]
    public static partial void AnnounceFailed(this ILogger logger, InfoHash torrent, string host, string trouble);

    [LoggerMessage(1302, LogLevel.Debug, "{Torrent}: no tracker of a tier works; the next announce is in {Next}.")]
    public static partial void TierFailed(this ILogger logger, InfoHash torrent, TimeSpan next);

    [LoggerMessage(
        1303,
        LogLevel.Debug,
        "{Torrent}: {Count} trackers are not asked: their addresses are not http, https or udp, or there are too many; they stay in the torrent."
    )]
    public static partial void TrackersLeftOut(this ILogger logger, InfoHash torrent, int count);

    [LoggerMessage(
        1304,
        LogLevel.Debug,
        "{Torrent}: {Refused} of the peers that tracker {Host} named are not dialled: their addresses are refused."
    )]
    public static partial void PeersRefused(this ILogger logger, InfoHash torrent, string host, int refused);

    [LoggerMessage(
        1305,
        LogLevel.Debug,
        "{Torrent}: a tracker did not acknowledge stopped in time (timeout); it drops us when its interval has passed."
    )]
    public static partial void StoppedCutShort(this ILogger logger, InfoHash torrent);

    [LoggerMessage(1306, LogLevel.Information, "{Torrent}: tracker {Host} answered the announce with a warning: {Warning}.")]
    public static partial void TrackerWarns(this ILogger logger, InfoHash torrent, string host, string warning);

    [LoggerMessage(
        1370,
        LogLevel.Information,
        "The list of torrent.extra_trackers_url was fetched: public torrents ask {Count} trackers more."
    )]
    public static partial void TrackerListFetched(this ILogger logger, int count);

    [LoggerMessage(
        1371,
        LogLevel.Warning,
        "The list of torrent.extra_trackers_url could not be fetched: {Reason}. The last good one stays in use; tried again in {Pause}."
    )]
    public static partial void TrackerListFailed(this ILogger logger, string reason, TimeSpan pause);

    [LoggerMessage(1372, LogLevel.Warning, "The list of torrent.extra_trackers_url could not be kept on disk: {Reason}")]
    public static partial void TrackerListNotKept(this ILogger logger, string reason);
}
