using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>What discovery says, ids 1300 to 1399. Trackers by host only: their addresses hold passkeys.</summary>
internal static partial class DiscoveryLog
{
    [LoggerMessage(1300, LogLevel.Debug, "{Torrent}: tracker {Host} named {Peers} peers; again in {Next}.")]
    public static partial void Announced(this ILogger logger, InfoHash torrent, string host, int peers, TimeSpan next);

    [LoggerMessage(1301, LogLevel.Debug, "{Torrent}: tracker {Host} {Trouble}.")]
    public static partial void AnnounceFailed(this ILogger logger, InfoHash torrent, string host, string trouble);

    [LoggerMessage(1302, LogLevel.Debug, "{Torrent}: no tracker of a tier works; again in {Next}.")]
    public static partial void TierFailed(this ILogger logger, InfoHash torrent, TimeSpan next);

    [LoggerMessage(1303, LogLevel.Debug, "{Torrent}: {Count} trackers are kept in the magnet but not asked: not http, https or udp.")]
    public static partial void TrackersLeftOut(this ILogger logger, InfoHash torrent, int count);

    [LoggerMessage(1304, LogLevel.Debug, "{Torrent}: {Refused} of the peers that {Host} named may not be dialled.")]
    public static partial void PeersRefused(this ILogger logger, InfoHash torrent, string host, int refused);

    [LoggerMessage(1305, LogLevel.Debug, "{Torrent}: there was no time to tell every tracker that we stop.")]
    public static partial void FarewellCutShort(this ILogger logger, InfoHash torrent);
}
