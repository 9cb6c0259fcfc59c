using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Routes.Sharing;

/// <summary>One shared folder right now.</summary>
public sealed record SharedFolderView(
    string Name,
    string Folder,
    SharedFolderState State,
    string Magnet,
    InfoHash? InfoHash,
    DateTimeOffset? Updated
);
