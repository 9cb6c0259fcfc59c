using System.Net;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>An answer of PCP to a MAP or ANNOUNCE request (RFC 6887).</summary>
/// <param name="IsMap">Whether it answers MAP; otherwise ANNOUNCE, and of the rest only <paramref name="Epoch"/> means something.</param>
/// <param name="Result">Whether it was done.</param>
/// <param name="Lifetime">Seconds that the mapping lasts (0: it was deleted), or that the error is expected to last.</param>
/// <param name="Epoch">Seconds since the gateway's table of mappings was last empty.</param>
/// <param name="Nonce">12 bytes of the request in hexadecimal; empty: a refusal that does not repeat the request.</param>
/// <param name="Protocol">Of the mapping; its number.</param>
/// <param name="InternalPort">Of the mapping.</param>
/// <param name="ExternalPort">The port that was mapped.</param>
/// <param name="ExternalAddress">The address that was mapped; null: none.</param>
public sealed record PcpAnswer(
    bool IsMap,
    PcpResult Result,
    uint Lifetime,
    uint Epoch,
    string Nonce,
    int Protocol,
    int InternalPort,
    int ExternalPort,
    IPAddress? ExternalAddress
);
