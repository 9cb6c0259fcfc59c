using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>A network that this machine is in, with the router that leads out of it.</summary>
/// <param name="Own">Our address in it.</param>
/// <param name="Network">The addresses that are reached without a router; only devices in it are believed.</param>
/// <param name="Router">Where packets for the internet go; null: unknown.</param>
public sealed record OwnLink(IPAddress Own, IPNetwork Network, IPAddress? Router)
{
    /// <summary>Whether it is an IPv6 network, where ports are opened and not mapped.</summary>
    public bool IsIPv6 => Own.AddressFamily == AddressFamily.InterNetworkV6;
}
