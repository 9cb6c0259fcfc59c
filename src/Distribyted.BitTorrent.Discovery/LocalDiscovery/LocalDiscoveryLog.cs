using System.Net;
using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.LocalDiscovery;

/// <summary>What local discovery logs, event ids 1380 to 1389.</summary>
internal static partial class LocalDiscoveryLog
{
    [LoggerMessage(1380, LogLevel.Debug, "Local discovery: an announce cannot be sent from {Address}: {Reason}")]
    public static partial void LocalAnnounceNotSent(this ILogger logger, IPAddress address, string reason);

    [LoggerMessage(1381, LogLevel.Debug, "Local discovery: the network of {Address} is left out: {Reason}")]
    public static partial void LocalNetworkNotJoined(this ILogger logger, IPAddress address, string reason);

    [LoggerMessage(
        1382,
        LogLevel.Warning,
        "Local discovery: UDP port {Port} cannot be opened ({Reason}); peers of the local network are found by trackers only."
    )]
    public static partial void LocalDiscoveryPortNotOpened(this ILogger logger, int port, string reason);

    [LoggerMessage(1383, LogLevel.Trace, "Local discovery: a datagram of {Address} is no announce: {Reason}")]
    public static partial void LocalAnnounceUnreadable(this ILogger logger, IPAddress address, string reason);

    [LoggerMessage(1384, LogLevel.Debug, "{Torrent}: local discovery found {Peer}.")]
    public static partial void LocalPeerFound(this ILogger logger, InfoHash torrent, PeerEndPoint peer);
}
