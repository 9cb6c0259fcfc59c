using System.Net;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>How peers are found and what we announce of ourselves. Read once at start.</summary>
public sealed record DiscoveryOptions
{
    /// <summary>Port to announce instead of the listening one; 0: none.</summary>
    public int PublicPort { get; set; }

    /// <summary>Public addresses to announce; empty: found by others.</summary>
    public IReadOnlyList<IPAddress> PublicAddresses { get; set; } = [];

    /// <summary>No UPnP, NAT-PMP and PCP: routers are not asked to pass connections of peers on to us.</summary>
    public bool DisablePortMapping { get; set; }

    /// <summary>Where routers are looked for; null: in the networks of this machine.</summary>
    public PortMappingNetwork? PortMapping { get; set; }

    /// <summary>Trackers added as a last tier to public torrents.</summary>
    public IReadOnlyList<string> ExtraTrackers { get; set; } = [];

    /// <summary>Address of a text with one tracker a line, fetched daily; they are added to <see cref="ExtraTrackers"/>. Empty: none.</summary>
    public string ExtraTrackersUrl { get; set; } = "";
}
