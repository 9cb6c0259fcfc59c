using System.Net;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>One router, spoken to by one protocol. Used by one caller at a time.</summary>
internal interface IGateway : IDisposable
{
    /// <summary>Of the protocol, as it is shown.</summary>
    string Name { get; }

    /// <summary>Maps a port, or renews the mapping. Throws nothing but for the token.</summary>
    Task<MappingAnswer> MapAsync(MappingRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a mapping. Throws nothing but for the token.</summary>
    /// <returns>Whether the gateway says that it did.</returns>
    Task<bool> UnmapAsync(MappedProtocol protocol, ushort internalPort, ushort externalPort, CancellationToken cancellationToken);

    /// <summary>Our address as the internet sees it, as far as the gateway knows; null: it does not tell. Throws nothing but for the token.</summary>
    Task<IPAddress?> FindExternalAddressAsync(CancellationToken cancellationToken);

    /// <summary>Looks at a datagram that the router sent by itself.</summary>
    /// <returns>Whether it shows that the router has lost its mappings, or has another external address.</returns>
    bool ShowsRestart(ReadOnlySpan<byte> datagram);
}
