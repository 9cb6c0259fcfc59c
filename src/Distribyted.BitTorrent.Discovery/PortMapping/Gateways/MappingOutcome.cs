namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>What became of a request to a gateway. Decides what is asked next, and when.</summary>
internal enum MappingOutcome
{
    /// <summary>The port is mapped.</summary>
    Mapped,

    /// <summary>Another machine has this external port.</summary>
    Conflict,

    /// <summary>The gateway maps for ever or not at all (UPnP error 725).</summary>
    OnlyPermanent,

    /// <summary>The external port must be the internal one (UPnP error 724).</summary>
    OnlySamePort,

    /// <summary>The gateway does not map ports, or not for us: its owner has to allow it.</summary>
    Refused,

    /// <summary>It could not do it now: no address yet, no room, an error of its own.</summary>
    Failed,

    /// <summary>No answer.</summary>
    Silent,

    /// <summary>It does not speak this protocol.</summary>
    Unsupported,
}
