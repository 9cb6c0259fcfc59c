namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>How many peers a tracker knows of a torrent (BEP 15, BEP 48). A claim.</summary>
/// <param name="Seeders">Peers that have everything.</param>
/// <param name="Leechers">Peers that do not.</param>
public readonly record struct ScrapeCounts(int Seeders, int Leechers);
