namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>What is known of port mapping at a moment. Over IPv4, or over IPv6 where there is no IPv4.</summary>
/// <param name="State">What routers do.</param>
/// <param name="Protocol">How the port was mapped: PCP, NAT-PMP or UPnP; empty: it is not.</param>
/// <param name="ExternalPort">The TCP port at the router; 0: none is mapped.</param>
/// <param name="IsPublic">Whether an address of this machine is public itself, so that no router needs to map.</param>
public sealed record PortMappingStatus(PortMappingState State, string Protocol, int ExternalPort, bool IsPublic);
