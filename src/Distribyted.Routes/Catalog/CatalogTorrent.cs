using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;

namespace Distribyted.Routes.Catalog;

/// <summary>A torrent of a route as it is remembered: enough for a listing without opening its metainfo.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="Name">Name as mounted, decided once and unique in its route; null until the metadata is here.</param>
/// <param name="IsFolder">Several files, or one in a folder.</param>
/// <param name="Length">Bytes of all files shown.</param>
/// <param name="Added">When it came to this route; milliseconds count.</param>
/// <param name="Modified">Time shown on its files; milliseconds count.</param>
/// <param name="Origin">Who added it: one of <see cref="Origins"/>.</param>
/// <param name="Magnet">The link it came from, or null.</param>
/// <param name="Upload">The file that brought the link through the mount; it stays listed while the torrent waits for metadata.</param>
/// <param name="Properties">What WebDAV clients have left on it.</param>
/// <param name="Trackers">Which lists of trackers were taken from files of the owner; null: none.</param>
internal sealed record CatalogTorrent(
    string Route,
    InfoHash InfoHash,
    string? Name,
    bool IsFolder,
    long Length,
    DateTimeOffset Added,
    DateTimeOffset Modified,
    string Origin,
    string? Magnet,
    CatalogUpload? Upload,
    IReadOnlyList<DeadProperty> Properties,
    string? Trackers = null
);
