using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Routes.Model;

/// <summary>A torrent that is to be moved, renamed or copied.</summary>
/// <param name="Route">The route that has it.</param>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="ToRoute">The route that is to have it; the same one for a rename.</param>
/// <param name="NewName">Its name there; null: the one it has, with a part of its hash where that is taken.</param>
/// <param name="Replace">Whether a torrent that has the new name is removed; otherwise such a name is refused.</param>
internal readonly record struct TorrentMove(string Route, InfoHash InfoHash, string ToRoute, string? NewName, bool Replace = false);
