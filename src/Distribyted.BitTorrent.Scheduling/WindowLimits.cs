namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What bounds a window.</summary>
/// <param name="ReadAhead">Most bytes fetched ahead of a reader; 0: only the piece that is asked for.</param>
/// <param name="Share">This reader's share of the cache: (capacity - pinned) / (2 x readers).</param>
/// <param name="FileEnd">Where the file ends, in bytes of the torrent.</param>
/// <param name="RunOnEnd">How far a reader that has read a file to its end may run on: end of the torrent, or of the next files; at least <paramref name="FileEnd"/>.</param>
public readonly record struct WindowLimits(long ReadAhead, long Share, long FileEnd, long RunOnEnd);
