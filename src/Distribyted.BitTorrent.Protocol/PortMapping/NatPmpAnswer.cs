using System.Net;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>An answer of NAT-PMP (RFC 6886).</summary>
/// <param name="Protocol">Of the mapping; null: it tells the external address.</param>
/// <param name="Result">Whether it was done; without success only <paramref name="Epoch"/> means something, and not with every gateway.</param>
/// <param name="Epoch">Seconds since the gateway's table of mappings was last empty.</param>
/// <param name="Address">The external address; null in answers about mappings and when there is none.</param>
/// <param name="InternalPort">Of the mapping.</param>
/// <param name="ExternalPort">The port that was mapped, which need not be the suggested one; 0: none.</param>
/// <param name="Lifetime">Seconds that the mapping lasts; 0: it was deleted.</param>
public sealed record NatPmpAnswer(
    MappedProtocol? Protocol,
    NatPmpResult Result,
    uint Epoch,
    IPAddress? Address,
    int InternalPort,
    int ExternalPort,
    uint Lifetime
);
