using System.Net;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>Where gateways that map ports are looked for. Tests put stand-ins on loopback here.</summary>
/// <param name="FindLinks">Finds the networks with a router; asked at start, before each renewal and after each failure. Sends nothing.</param>
public sealed record PortMappingNetwork(Func<IReadOnlyList<OwnLink>> FindLinks)
{
    /// <summary>Where searches for UPnP devices are sent.</summary>
    public IPEndPoint Search { get; init; } = new(new IPAddress([239, 255, 255, 250]), 1900);

    /// <summary>The UDP port of PCP and NAT-PMP at the router.</summary>
    public int ControlPort { get; init; } = 5351;

    /// <summary>The UDP port on which routers tell that they have lost their mappings; 0: that is not listened to.</summary>
    public int NewsPort { get; init; } = 5350;
}
