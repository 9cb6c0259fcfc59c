namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>A file of a torrent that is being made.</summary>
/// <param name="Path">Names from the torrent's root down, at least one, written as they are.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Attributes">BEP 47.</param>
public sealed record NewTorrentFile(IReadOnlyList<string> Path, long Length, TorrentFileAttributes Attributes = TorrentFileAttributes.None);
