using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Routes.Sharing;

/// <summary>One shared folder right now.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Folder">As configured.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Magnet">Link to its torrent; empty: there is none yet.</param>
/// <param name="InfoHash">Of its torrent; null: there is none yet.</param>
/// <param name="Updated">When its torrent was made; null: never.</param>
/// <param name="Hashed">How much of the folder is hashed, 0 to 1, while it is read; else null.</param>
public sealed record SharedFolderView(
    string Name,
    string Folder,
    SharedFolderState State,
    string Magnet,
    InfoHash? InfoHash,
    DateTimeOffset? Updated,
    double? Hashed = null
);
