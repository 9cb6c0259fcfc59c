namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One torrent in one route, as in lists.</summary>
/// <param name="Hash">Info hash: 40 lower-case hexadecimal digits.</param>
/// <param name="Route">The route that has it. A torrent in two routes is two items.</param>
/// <param name="Name">As in the tree; while pending the title of its link or the hash.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Reason">Why it waits, in words; null when it does not.</param>
/// <param name="Length">Bytes of all its files; 0 while pending.</param>
/// <param name="AddedAt">When it came to this route.</param>
/// <param name="Origin">Who added it: <c>api</c>, <c>mount</c>, <c>file</c> (the configuration) or <c>folder</c> (a watched folder).</param>
/// <param name="FixedBy">The line or file that names it, and where alone it can be changed; null: clients may change it. Null for users who may only read.</param>
/// <param name="DownloadRate">Payload bytes per second from peers, over the last two seconds.</param>
/// <param name="UploadRate">Payload bytes per second to peers, over the last two seconds.</param>
/// <param name="Peers">Connected.</param>
/// <param name="Seeds">Connected ones that have everything.</param>
/// <param name="Readers">Open readers.</param>
public sealed record TorrentItemView(
    string Hash,
    string Route,
    string Name,
    TorrentStateView State,
    string? Reason,
    long Length,
    DateTimeOffset AddedAt,
    string Origin,
    string? FixedBy,
    long DownloadRate,
    long UploadRate,
    int Peers,
    int Seeds,
    int Readers
);
