using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent;

/// <summary>Everything that can be set about the engine. Read once at start; sizes are bytes.</summary>
public sealed record BitTorrentOptions
{
    /// <summary>How sockets to peers and trackers are opened.</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>How peers are found and what we announce of ourselves.</summary>
    public DiscoveryOptions Discovery { get; init; } = new();

    /// <summary>Where verified pieces are kept.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Reading, connections, rates, seeding.</summary>
    public SwarmOptions Swarm { get; init; } = new();

    /// <summary>Folder of everything that must survive: metainfo, and the piece cache unless <see cref="CacheOptions.Folder"/> is set.</summary>
    public string MetadataFolder { get; set; } = "./distribyted-data/metadata"; // old installations have it

    /// <summary>The folder of the piece cache: as set, or <c>pieces</c> in <see cref="MetadataFolder"/>.</summary>
    public string CacheFolder => Cache.Folder.Length > 0 ? Cache.Folder : Path.Combine(MetadataFolder, "pieces");

    /// <summary>Without readers and interested peers for this long a torrent becomes idle: it gives up sockets and memory; zero: never.</summary>
    public TimeSpan HibernateAfter { get; set; } = TimeSpan.FromSeconds(600);
}
