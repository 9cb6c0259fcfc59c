using System.Net;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>What a gateway made of a request.</summary>
/// <param name="Outcome">Whether the port is mapped, and why not.</param>
/// <param name="ExternalPort">The port that is mapped.</param>
/// <param name="Lease">For how long; zero: for ever. Of an error: how long it will last as the gateway thinks, zero: unknown.</param>
/// <param name="ExternalAddress">The address it is mapped at, if the gateway told it with the mapping.</param>
/// <param name="Trouble">What went wrong, to be shown.</param>
internal sealed record MappingAnswer(
    MappingOutcome Outcome,
    ushort ExternalPort = 0,
    TimeSpan Lease = default,
    IPAddress? ExternalAddress = null,
    string Trouble = ""
);
