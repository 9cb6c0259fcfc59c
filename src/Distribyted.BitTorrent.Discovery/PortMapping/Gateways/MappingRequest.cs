using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>A port that is to be mapped, or renewed.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="InternalPort">The port that we listen on.</param>
/// <param name="ExternalPort">The port that we would like.</param>
/// <param name="Lease">How long; zero: for ever, which only UPnP knows.</param>
internal readonly record struct MappingRequest(MappedProtocol Protocol, ushort InternalPort, ushort ExternalPort, TimeSpan Lease);
