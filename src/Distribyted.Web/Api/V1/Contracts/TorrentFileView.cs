namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One file of a torrent.</summary>
/// <param name="Path">Names from the top of the torrent, joined by slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Offset">Bytes from the start of the torrent.</param>
/// <param name="FirstPiece">The piece with its first byte; for an empty file the one where it would begin.</param>
/// <param name="LastPiece">The piece with its last byte.</param>
/// <param name="BytesHere">Bytes of it that are verified here.</param>
public sealed record TorrentFileView(string Path, long Length, long Offset, int FirstPiece, int LastPiece, long BytesHere);

/// <summary>All files of a torrent in its own order, without those that only fill gaps (BEP 47).</summary>
public sealed record TorrentFilesView(IReadOnlyList<TorrentFileView> Items);
