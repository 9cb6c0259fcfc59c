namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>What a gateway says about a NAT-PMP request (RFC 6886, section 3.5). Other values may come.</summary>
public enum NatPmpResult
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>It does not speak this version.</summary>
    UnsupportedVersion = 1,

    /// <summary>Mappings are turned off, or not allowed for us.</summary>
    Refused = 2,

    /// <summary>It has no address of its own (no DHCP lease yet).</summary>
    NetworkFailure = 3,

    /// <summary>It has no room for another mapping.</summary>
    OutOfResources = 4,

    /// <summary>It does not know the operation.</summary>
    UnsupportedOperation = 5,
}
