namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>What a gateway says about a PCP request (RFC 6887, section 7.4). Other values may come.</summary>
public enum PcpResult
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>It does not speak this version.</summary>
    UnsupportedVersion = 1,

    /// <summary>Mappings are turned off or not allowed for us, or the mapping belongs to another nonce.</summary>
    NotAuthorized = 2,

    /// <summary>It could not read the request.</summary>
    MalformedRequest = 3,

    /// <summary>It does not know the operation.</summary>
    UnsupportedOperation = 4,

    /// <summary>It does not know an option that it must know.</summary>
    UnsupportedOption = 5,

    /// <summary>It could not read an option.</summary>
    MalformedOption = 6,

    /// <summary>It has no external address yet.</summary>
    NetworkFailure = 7,

    /// <summary>It has no room for another mapping.</summary>
    NoResources = 8,

    /// <summary>It does not map this transport.</summary>
    UnsupportedProtocol = 9,

    /// <summary>We have as many mappings as it gives to one client.</summary>
    QuotaExceeded = 10,

    /// <summary>It cannot give the external port or address that was asked for.</summary>
    CannotProvideExternal = 11,

    /// <summary>Between us and it there is another NAT: the address in the request is not the one that it sees.</summary>
    AddressMismatch = 12,

    /// <summary>Too many remote peers in filters.</summary>
    ExcessiveRemotePeers = 13,
}
