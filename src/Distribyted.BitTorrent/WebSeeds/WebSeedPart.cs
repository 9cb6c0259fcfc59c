namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>A part of a range of the torrent that lies in one file.</summary>
/// <param name="File">Which, in the order of the torrent.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsPadding">Zeros that no server has (BEP 47).</param>
internal readonly record struct WebSeedPart(int File, long Offset, long Length, bool IsPadding);
