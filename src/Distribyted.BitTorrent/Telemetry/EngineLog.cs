using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Telemetry;

/// <summary>What the engine says: 1000 to 1299. Peers are Debug; an owner reads Information.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1000, LogLevel.Debug, "{Torrent}: {Peer} joined ({PeerId}), {Rtt} ms away.")]
    public static partial void PeerJoined(this ILogger logger, InfoHash torrent, PeerEndPoint peer, PeerId peerId, long rtt);

    [LoggerMessage(1001, LogLevel.Debug, "{Torrent}: {Peer} left: {Reason}")]
    public static partial void PeerLeft(this ILogger logger, InfoHash torrent, PeerEndPoint peer, string reason);

    [LoggerMessage(1002, LogLevel.Debug, "{Peer} broke the protocol: {Reason}")]
    public static partial void PeerBrokeProtocol(this ILogger logger, PeerEndPoint peer, string reason);

    [LoggerMessage(1003, LogLevel.Debug, "{Torrent}: {Peer} disconnected: it sent no data for what was requested.")]
    public static partial void PeerUseless(this ILogger logger, InfoHash torrent, PeerEndPoint peer);

    [LoggerMessage(1004, LogLevel.Information, "{Torrent}: {Peer} sent wrong data for piece {Piece} and is banned for an hour.")]
    public static partial void PeerBanned(this ILogger logger, InfoHash torrent, PeerEndPoint peer, int piece);

    [LoggerMessage(1005, LogLevel.Debug, "{Torrent}: piece {Piece} has a wrong hash; {Count} peers sent its blocks.")]
    public static partial void PieceFailed(this ILogger logger, InfoHash torrent, int piece, int count);

    [LoggerMessage(1006, LogLevel.Trace, "{Torrent}: {Peer} cannot be reached: {Reason}")]
    public static partial void DialFailed(this ILogger logger, InfoHash torrent, PeerEndPoint peer, string reason);

    [LoggerMessage(1007, LogLevel.Debug, "Incoming connection rejected: {Reason}")]
    public static partial void ConnectionRejected(this ILogger logger, string reason);

    [LoggerMessage(1008, LogLevel.Warning, "Accepting connections of peers failed, and is tried again: {Reason}")]
    public static partial void AcceptFailed(this ILogger logger, string reason);

    [LoggerMessage(1010, LogLevel.Information, "Metadata of {Torrent} came: {Name}, {Files} files, {Length} bytes.")]
    public static partial void MetadataCame(this ILogger logger, InfoHash torrent, string name, int files, long length);

    [LoggerMessage(1011, LogLevel.Warning, "The metadata of {Torrent} cannot be used: {Reason}")]
    public static partial void MetadataUnusable(this ILogger logger, InfoHash torrent, string reason);

    [LoggerMessage(1012, LogLevel.Warning, "The metadata of {Torrent} cannot be kept on disk: {Reason}")]
    public static partial void MetadataNotKept(this ILogger logger, InfoHash torrent, string reason);

    [LoggerMessage(1013, LogLevel.Debug, "{Torrent} could not be activated: {Reason}")]
    public static partial void ActivationFailed(this ILogger logger, InfoHash torrent, string reason);

    [LoggerMessage(1014, LogLevel.Debug, "{Torrent}: its peers could not be kept for the next start: {Reason}")]
    public static partial void PeersNotKept(this ILogger logger, InfoHash torrent, string reason);

    [LoggerMessage(1015, LogLevel.Debug, "{Torrent}: its metadata was on disk, but no route has the torrent; it was deleted.")]
    public static partial void StrayMetadataDropped(this ILogger logger, InfoHash torrent);

    [LoggerMessage(1016, LogLevel.Error, "{Torrent}: its heartbeat failed; please report this.")]
    public static partial void HeartbeatFailed(this ILogger logger, InfoHash torrent, Exception exception);

    [LoggerMessage(
        1017,
        LogLevel.Information,
        "The process or the machine was stopped for {Missed}: connections are checked, unreachable peers are dialled again."
    )]
    public static partial void WasStopped(this ILogger logger, TimeSpan missed);

    [LoggerMessage(
        1018,
        LogLevel.Information,
        "The network addresses of this machine changed: connections are checked, unreachable peers are dialled again, trackers are told."
    )]
    public static partial void AddressChanged(this ILogger logger);

    [LoggerMessage(1019, LogLevel.Debug, "{Torrent}: it is idle with pieces to give, and its announces could not be started: {Reason}")]
    public static partial void AnnounceNotStarted(this ILogger logger, InfoHash torrent, string reason);

    [LoggerMessage(1020, LogLevel.Error, "{Torrent}: {Work} failed; please report this.")]
    public static partial void TorrentWorkFailed(this ILogger logger, InfoHash torrent, string work, Exception exception);

    [LoggerMessage(1021, LogLevel.Warning, "Datagrams (DHT, µTP) cannot be received at the moment: {Reason}. It is tried again.")]
    public static partial void ReceiveFailed(this ILogger logger, string reason);

    [LoggerMessage(
        1030,
        LogLevel.Information,
        "Peers: port {Port} over {Transports}, encryption {Encryption}, DHT {Dht}, local discovery {LocalDiscovery}; {Reach}."
    )]
    public static partial void PeersReachUs(
        this ILogger logger,
        int port,
        string transports,
        string encryption,
        string dht,
        string localDiscovery,
        string reach
    );

    [LoggerMessage(1041, LogLevel.Debug, "{Torrent}: web seed {Host} ended: {Reason}; it is asked again in {Pause}.")]
    public static partial void WebSeedEnded(this ILogger logger, InfoHash torrent, string host, string reason, TimeSpan pause);

    [LoggerMessage(1042, LogLevel.Information, "{Torrent}: web seed {Host} is given up: {Reason}.")]
    public static partial void WebSeedGivenUp(this ILogger logger, InfoHash torrent, string host, string reason);

    [LoggerMessage(1043, LogLevel.Debug, "{Torrent}: the exact source at {Host} gives no metadata: {Reason}")]
    public static partial void ExactSourceFailed(this ILogger logger, InfoHash torrent, string host, string reason);

    [LoggerMessage(1096, LogLevel.Error, "{Torrent}: the connection to {Peer} is closed after an error of ours; please report this.")]
    public static partial void PeerFailed(this ILogger logger, InfoHash torrent, PeerEndPoint peer, Exception exception);
}
