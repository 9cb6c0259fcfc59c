using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Sources;

/// <summary>A torrent that a source names.</summary>
/// <param name="Route">Where it belongs.</param>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="Magnet">Its link; null when a file brings it.</param>
/// <param name="File">Path of the <c>.torrent</c>, read when the torrent is new here; null when a link brings it.</param>
/// <param name="Origin"><see cref="Origins.File"/> or <see cref="Origins.Folder"/>.</param>
/// <param name="Where">Place that names it, for messages.</param>
/// <param name="Trackers">Of a file: the <see cref="TrackerKey"/> of its trackers.</param>
internal sealed record WantedTorrent(
    string Route,
    InfoHash InfoHash,
    string? Magnet,
    string? File,
    string Origin,
    string Where,
    string? Trackers = null
);
