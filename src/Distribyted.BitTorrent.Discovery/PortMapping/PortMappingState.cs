namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>What the routers of our networks do with connections to our port.</summary>
public enum PortMappingState
{
    /// <summary>They were not all asked yet, or have not answered yet.</summary>
    Searching,

    /// <summary>This machine has no network with a router.</summary>
    NoRouter,

    /// <summary>None passes them on to us.</summary>
    NotMapped,

    /// <summary>One passes them on, but has itself no public address.</summary>
    SecondNat,

    /// <summary>One passes them on.</summary>
    Mapped,
}
