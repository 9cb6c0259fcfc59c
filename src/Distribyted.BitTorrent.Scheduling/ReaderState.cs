namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Where a reader is, in bytes of the torrent, and what it will want.</summary>
/// <param name="Position">Next byte it will read.</param>
/// <param name="WindowEnd">End (exclusive) of what is fetched ahead for it.</param>
/// <param name="Rate">Bytes per second that it takes when it is not blocked; 0 while unknown.</param>
/// <param name="BlockedSince">Microseconds at which the read that waits now began; -1: no read waits.</param>
public readonly record struct ReaderState(long Position, long WindowEnd, long Rate, long BlockedSince);
