namespace Distribyted.Web.Api.Contracts;

/// <summary>One route of GET /api/routes.</summary>
internal sealed record RouteView(string Name, IReadOnlyList<TorrentView> TorrentStats);

/// <summary>One torrent in a route; the fields up to <c>pieceSize</c> are the Go program's.</summary>
/// <param name="Name">As mounted; while pending <c>dn</c> or the hash.</param>
/// <param name="Hash">40 lower-case hexadecimal digits.</param>
/// <param name="DownloadedBytes">Of the last two seconds.</param>
/// <param name="UploadedBytes">Of the last two seconds.</param>
/// <param name="Peers">Connected.</param>
/// <param name="Seeders">Connected ones that have everything.</param>
/// <param name="TimePassed">Seconds that the window really took.</param>
/// <param name="PieceChunks">Run-length coded, in piece order; empty while pending.</param>
/// <param name="TotalPieces">0 while pending.</param>
/// <param name="PieceSize">Bytes; 0 while pending.</param>
/// <param name="State"><c>pending</c>, <c>asleep</c> or <c>awake</c>.</param>
/// <param name="Reason">Why it waits, in words; null when it does not.</param>
/// <param name="Length">Bytes of all its files; 0 while pending.</param>
/// <param name="AddedAt">Unix seconds.</param>
internal sealed record TorrentView(
    string Name,
    string Hash,
    long DownloadedBytes,
    long UploadedBytes,
    int Peers,
    int Seeders,
    double TimePassed,
    IReadOnlyList<PieceChunkView> PieceChunks,
    int TotalPieces,
    long PieceSize,
    string State,
    string? Reason,
    long Length,
    long AddedAt
);

/// <summary>Neighbouring pieces of one status: <c>H</c> checking, <c>P</c> partly there, <c>C</c> complete, <c>W</c> waiting.</summary>
internal sealed record PieceChunkView(string Status, int NumPieces);
