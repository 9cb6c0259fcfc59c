namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One torrent with all that is known of it.</summary>
/// <param name="Hash">Info hash: 40 lower-case hexadecimal digits.</param>
/// <param name="Name">Its name in the first route that the user sees.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Reason">Why it waits, in words; null when it does not.</param>
/// <param name="Routes">The torrent in each route that the user sees.</param>
/// <param name="Magnet">The link that it came from; null: it came as a file, or the user may only read.</param>
/// <param name="IsPrivate">Whether only its own trackers may name peers (BEP 27); null while pending.</param>
/// <param name="Length">Bytes of all its files; null while pending.</param>
/// <param name="PieceCount">Null while pending.</param>
/// <param name="PieceLength">Bytes of a piece; null while pending.</param>
/// <param name="StoredBytes">Bytes of its pieces on disk; 0 for a shared folder.</param>
/// <param name="DownloadedBytes">Payload from peers since the program started.</param>
/// <param name="UploadedBytes">Payload to peers since the program started.</param>
/// <param name="DownloadRate">Payload bytes per second from peers, over the last two seconds.</param>
/// <param name="UploadRate">Payload bytes per second to peers, over the last two seconds.</param>
/// <param name="Peers">Connected.</param>
/// <param name="Seeds">Connected ones that have everything.</param>
/// <param name="CountedSeeders">Seeders in the world as trackers count them; null: none has said.</param>
/// <param name="CountedLeechers">Leechers in the world as trackers count them; null: none has said.</param>
/// <param name="Readers">Open readers.</param>
/// <param name="RecheckedPieces">Pieces that the check which is under way has hashed; null: none is.</param>
public sealed record TorrentDetailView(
    string Hash,
    string Name,
    TorrentStateView State,
    string? Reason,
    IReadOnlyList<TorrentItemView> Routes,
    string? Magnet,
    bool? IsPrivate,
    long? Length,
    int? PieceCount,
    int? PieceLength,
    long StoredBytes,
    long DownloadedBytes,
    long UploadedBytes,
    long DownloadRate,
    long UploadRate,
    int Peers,
    int Seeds,
    int? CountedSeeders,
    int? CountedLeechers,
    int Readers,
    int? RecheckedPieces
);
