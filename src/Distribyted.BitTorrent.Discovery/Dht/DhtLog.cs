using System.Net;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What the DHT logs, event ids 1340 to 1359.</summary>
internal static partial class DhtLog
{
    [LoggerMessage(
        1340,
        LogLevel.Information,
        "DHT is on, over {Families}, on UDP port {Port}; it starts with {Nodes} nodes of the last run."
    )]
    public static partial void DhtStarted(this ILogger logger, string families, int port, int nodes);

    [LoggerMessage(1341, LogLevel.Information, "DHT ({Family}) works: {Nodes} nodes have answered.")]
    public static partial void DhtWorks(this ILogger logger, string family, int nodes);

    [LoggerMessage(
        1342,
        LogLevel.Warning,
        "DHT ({Family}): no node has answered for {Time} (timeout). UDP may be blocked; it goes on trying, and peers come from trackers meanwhile."
    )]
    public static partial void DhtSilent(this ILogger logger, string family, TimeSpan time);

    [LoggerMessage(
        1343,
        LogLevel.Information,
        "DHT ({Family}): no node that we did not ask has reached us for {Time}, so our queries say that we are read-only (BEP 43). "
            + "A port forwarding for UDP would change that; peers are found all the same."
    )]
    public static partial void DhtUnreachable(this ILogger logger, string family, TimeSpan time);

    [LoggerMessage(1344, LogLevel.Information, "DHT ({Family}): our public address is {Address}; the node id follows it (BEP 42).")]
    public static partial void DhtAddressChanged(this ILogger logger, string family, IPAddress address);

    [LoggerMessage(1345, LogLevel.Warning, "DHT: the saved nodes in {Path} cannot be read ({Reason}); it starts anew.")]
    public static partial void DhtStateUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(1346, LogLevel.Warning, "DHT: the nodes cannot be saved in {Path} ({Reason}); the next start takes a little longer.")]
    public static partial void DhtStateNotSaved(this ILogger logger, string path, string reason);

    [LoggerMessage(1347, LogLevel.Warning, "DHT: bootstrap host {Host} has no address ({Reason}); the others are asked.")]
    public static partial void BootstrapNotFound(this ILogger logger, string host, string reason);

    [LoggerMessage(1348, LogLevel.Information, "DHT is off: the UDP port cannot be used.")]
    public static partial void DhtWithoutPort(this ILogger logger);
}
