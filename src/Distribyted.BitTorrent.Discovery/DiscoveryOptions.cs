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

    /// <summary>Other addresses of the configuration that <c>TorrentSession.FetchTextAsync</c> is asked for; as <see cref="ExtraTrackersUrl"/> they may be private.</summary>
    public IReadOnlyList<string> OtherLists { get; set; } = [];

    /// <summary>No DHT: magnets need a tracker then.</summary>
    public bool DisableDht { get; set; }

    /// <summary>Where the first nodes of the DHT are asked for when none are known, <c>host:port</c> each. All addresses of a host are asked.</summary>
    public IReadOnlyList<string> DhtBootstrap { get; set; } =
    // Those that answered in 2026; router.bittorrent.com and router.utorrent.com do not any more (qBittorrent#24296).
    ["dht.libtorrent.org:25401", "dht.transmissionbt.com:6881", "router.bt.ouinet.work:6881"];
}
