using System.Net;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>A port that a router has mapped to ours.</summary>
/// <param name="Router">Address of the router.</param>
/// <param name="Protocol">How it was asked: PCP, NAT-PMP or UPnP.</param>
/// <param name="ExternalPort">The TCP port at the router.</param>
/// <param name="UdpPort">The UDP port at the router, as a rule of the same number; 0: none.</param>
/// <param name="ExternalAddress">The router's address towards the internet; null: it does not tell.</param>
/// <param name="Until">When the lease ends; null: never.</param>
internal sealed record MappedPort(
    IPAddress Router,
    string Protocol,
    ushort ExternalPort,
    ushort UdpPort,
    IPAddress? ExternalAddress,
    DateTimeOffset? Until
);
