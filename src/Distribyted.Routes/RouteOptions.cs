namespace Distribyted.Routes;

/// <summary><c>routes:</c> and <c>servers:</c> as the configuration file has them.</summary>
public sealed record RouteOptions
{
    /// <summary>Folder of the catalog (<c>catalog.db</c>); the engine's metadata folder.</summary>
    public string MetadataFolder { get; set; } = "./distribyted-data/metadata";

    /// <summary>Routes, in file order.</summary>
    public IReadOnlyList<ConfiguredRoute> Routes { get; set; } = [];

    /// <summary>Folders to share.</summary>
    public IReadOnlyList<ConfiguredServer> Servers { get; set; } = [];
}

/// <summary>One route of the file.</summary>
/// <param name="Name">One or more segments joined by a slash.</param>
/// <param name="Torrents">What it names.</param>
/// <param name="TorrentFolder">Watched folder, or null.</param>
/// <param name="Where">Place in the file for people: <c>distribyted.yaml:31</c>.</param>
public sealed record ConfiguredRoute(string Name, IReadOnlyList<ConfiguredTorrent> Torrents, string? TorrentFolder, string Where);

/// <summary>One torrent of the file: a magnet (or bare info hash), or the path of a <c>.torrent</c>.</summary>
public sealed record ConfiguredTorrent(string? Magnet, string? TorrentPath, string Where);

/// <summary>One shared folder of the file.</summary>
/// <param name="Name"><c>dn</c> of the magnet.</param>
/// <param name="Path">Folder.</param>
/// <param name="Trackers">One tier.</param>
/// <param name="TrackerUrl">A text list that replaces <paramref name="Trackers"/> when it can be fetched.</param>
/// <param name="QuietTime">Time without a change before it is hashed.</param>
/// <param name="PieceLength">Bytes, a power of two.</param>
/// <param name="IsPrivate">BEP 27.</param>
/// <param name="Where">Place in the file for people.</param>
public sealed record ConfiguredServer(
    string Name,
    string Path,
    IReadOnlyList<string> Trackers,
    string? TrackerUrl,
    TimeSpan QuietTime,
    int PieceLength,
    bool IsPrivate,
    string Where
);
