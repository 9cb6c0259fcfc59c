using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>What is known of a torrent when it is added: from a magnet link, a <c>.torrent</c>, or both.</summary>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="Name">Display name until the metadata is known; null if none was given.</param>
/// <param name="Trackers">Tiers of tracker URLs (BEP 12).</param>
/// <param name="Peers">Peers that the link names (<c>x.pe</c>, BEP 9).</param>
/// <param name="Metainfo">The metadata, when a file brought it.</param>
/// <param name="SeedFolder">Folder on this machine whose files are the content, to be shared; null for torrents that are read.</param>
/// <param name="SeedFolderOwner">Told when files of that folder are not what they were.</param>
public sealed record TorrentSource(
    InfoHash InfoHash,
    string? Name,
    IReadOnlyList<IReadOnlyList<string>> Trackers,
    IReadOnlyList<PeerEndPoint> Peers,
    MetainfoFile? Metainfo = null,
    string? SeedFolder = null,
    ISharedFolderOwner? SeedFolderOwner = null
)
{
    /// <summary>Peers that the link names by host name, <c>host:port</c>.</summary>
    public IReadOnlyList<string> PeerHosts { get; init; } = [];

    /// <summary>Web seeds that the link names (<c>ws</c>, BEP 19); those of a file are in <see cref="Metainfo"/>.</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>Where the link says that the <c>.torrent</c> is (<c>xs</c>).</summary>
    public IReadOnlyList<string> ExactSources { get; init; } = [];
}
