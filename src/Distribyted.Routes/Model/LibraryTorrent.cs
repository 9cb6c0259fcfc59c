using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Routes.Model;

/// <summary>One torrent in one route.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="Name">Name as mounted; before the metadata <c>dn</c> or the hash.</param>
/// <param name="IsPending">No metadata yet: listed by API and dashboard, not in the tree.</param>
/// <param name="IsFolder">A multi-file torrent is a folder, a single-file torrent a file.</param>
/// <param name="Length">Bytes of all files shown; 0 while pending.</param>
/// <param name="Added">When it was added to this route.</param>
/// <param name="Modified">Time shown on its files: <c>creation date</c> when sensible, else when it was added.</param>
/// <param name="Origin"><c>api</c>, <c>mount</c>, <c>file</c>, <c>folder</c>.</param>
/// <param name="Where">Place that names it (file and line, watched file); null when clients may remove it.</param>
/// <param name="Magnet">The link it came from, or null.</param>
public sealed record LibraryTorrent(
    string Route,
    InfoHash InfoHash,
    string Name,
    bool IsPending,
    bool IsFolder,
    long Length,
    DateTimeOffset Added,
    DateTimeOffset Modified,
    string Origin,
    string? Where,
    string? Magnet
)
{
    /// <summary>The files that are shown; null: all.</summary>
    internal FileSelection? Selection { get; init; }
}
