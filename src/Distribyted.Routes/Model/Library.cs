using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Routes.Model;

/// <summary>All routes and torrents right now. Immutable; a new one is published after each change.</summary>
/// <param name="Routes">Sorted by name (ordinal).</param>
public sealed record Library(IReadOnlyList<LibraryRoute> Routes);

/// <summary>One route.</summary>
/// <param name="Name">One or more segments joined by a slash.</param>
/// <param name="Added">When it was made.</param>
/// <param name="Where">Place in the configuration that names it; null when it may be removed.</param>
/// <param name="Torrents">Sorted by display name (ordinal), pending ones included.</param>
public sealed record LibraryRoute(string Name, DateTimeOffset Added, string? Where, IReadOnlyList<LibraryTorrent> Torrents);

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
/// <param name="Where">Place that names it (file and line, watched file); null when it may be removed through a door.</param>
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
);

/// <summary>What a door or source adds: a magnet (or bare info hash) or the bytes of a <c>.torrent</c>.</summary>
/// <param name="Magnet">Link, or null.</param>
/// <param name="TorrentFile">Bytes; empty when there is a magnet.</param>
/// <param name="Origin"><c>api</c> or <c>mount</c>.</param>
public sealed record Addition(string? Magnet, ReadOnlyMemory<byte> TorrentFile, string Origin);
