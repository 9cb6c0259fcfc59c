namespace Distribyted.BitTorrent.Scheduling;

/// <summary>An open reader of the torrent.</summary>
public readonly record struct ReaderId(long Value);
