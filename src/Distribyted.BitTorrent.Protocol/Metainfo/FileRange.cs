namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Files of a torrent by number, from the first to the last, both included (BEP 53).</summary>
public readonly record struct FileRange(int First, int Last);
