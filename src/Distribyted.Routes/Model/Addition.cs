namespace Distribyted.Routes.Model;

/// <summary>What a client or source adds: a magnet (or bare info hash) or the bytes of a <c>.torrent</c>.</summary>
/// <param name="Magnet">Link, or null.</param>
/// <param name="TorrentFile">Bytes; empty when there is a magnet.</param>
/// <param name="Origin"><c>api</c> or <c>mount</c>.</param>
public sealed record Addition(string? Magnet, ReadOnlyMemory<byte> TorrentFile, string Origin);
