using System.Net;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>What port mapping logs, event ids 1350 to 1369 of those of discovery.</summary>
internal static partial class PortMappingLog
{
    [LoggerMessage(
        1350,
        LogLevel.Information,
        "Port mapping: gateway {Gateway} maps its {Transports} port {ExternalPort} to our port {Port} ({Protocol}, {Until}); its external address is {ExternalAddress}."
    )]
    public static partial void PortMapped(
        this ILogger logger,
        IPAddress gateway,
        string transports,
        int externalPort,
        int port,
        string protocol,
        string until,
        string externalAddress
    );

    [LoggerMessage(
        1351,
        LogLevel.Warning,
        "Port mapping: gateway {Gateway} does not map port {Port} ({Reason}); it is asked again in {Next}. Until then peers from the internet cannot connect to us over IPv4. Turn on UPnP, NAT-PMP or PCP in the gateway, or forward TCP and UDP port {Port} to {Own} there; torrent.disable_upnp: true ends the attempts."
    )]
    public static partial void PortNotMapped(this ILogger logger, IPAddress gateway, int port, string reason, TimeSpan next, IPAddress own);

    [LoggerMessage(
        1352,
        LogLevel.Warning,
        "Port mapping: gateway {Gateway} is itself behind a second NAT: its external address {ExternalAddress} is not public. Peers from the internet cannot connect to us over IPv4. Forward port {ExternalPort} in the outer router as well, or ask the provider for a public IPv4 address or for IPv6."
    )]
    public static partial void BehindSecondNat(this ILogger logger, IPAddress gateway, IPAddress externalAddress, int externalPort);

    [LoggerMessage(
        1353,
        LogLevel.Debug,
        "Port mapping: gateway {Gateway} did not renew port {Port} ({Reason}); it is asked again in {Next}."
    )]
    public static partial void NotRenewed(this ILogger logger, IPAddress gateway, int port, string reason, TimeSpan next);

    [LoggerMessage(1354, LogLevel.Information, "Port mapping: gateway {Gateway} has removed its mapping of port {Port}.")]
    public static partial void MappingRemoved(this ILogger logger, IPAddress gateway, int port);

    [LoggerMessage(
        1355,
        LogLevel.Information,
        "Port mapping: gateway {Gateway} did not remove its mapping of port {Port}; the mapping ends {Until}."
    )]
    public static partial void MappingNotRemoved(this ILogger logger, IPAddress gateway, int port, string until);

    [LoggerMessage(
        1356,
        LogLevel.Information,
        "Port mapping: gateway {Gateway} has restarted or has another external address; port {Port} is mapped again."
    )]
    public static partial void GatewayRestarted(this ILogger logger, IPAddress gateway, int port);

    [LoggerMessage(1357, LogLevel.Debug, "Port mapping: the answer of {Device} to a search for UPnP gateways is ignored: {Reason}.")]
    public static partial void DeviceIgnored(this ILogger logger, IPAddress device, string reason);

    [LoggerMessage(1358, LogLevel.Debug, "Port mapping: gateway {Gateway} does not map by {Protocol}: {Reason}.")]
    public static partial void ProtocolFailed(this ILogger logger, IPAddress gateway, string protocol, string reason);

    [LoggerMessage(
        1359,
        LogLevel.Information,
        "Port mapping: this machine has no network with a router, so no port is mapped; it is tried again when its addresses change."
    )]
    public static partial void NoRouter(this ILogger logger);

    [LoggerMessage(
        1360,
        LogLevel.Debug,
        "Port mapping: gateway {Gateway} does not open port {Port} for IPv6 ({Reason}); it is asked again in {Next}."
    )]
    public static partial void PortNotOpened(this ILogger logger, IPAddress gateway, int port, string reason, TimeSpan next);

    [LoggerMessage(1361, LogLevel.Debug, "Port mapping: news of routers on UDP port {Port} cannot be received: {Reason}.")]
    public static partial void NewsUnavailable(this ILogger logger, int port, string reason);
}
