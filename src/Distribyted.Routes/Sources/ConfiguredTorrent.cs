namespace Distribyted.Routes.Sources;

/// <summary>One torrent of the file: a magnet (or bare info hash), or the path of a <c>.torrent</c>.</summary>
public sealed record ConfiguredTorrent(string? Magnet, string? TorrentPath, string Where);
