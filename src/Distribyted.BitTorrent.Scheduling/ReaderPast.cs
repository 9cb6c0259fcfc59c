namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What is kept of a reader that was closed.</summary>
/// <param name="Position">Where it stopped, in bytes of the torrent.</param>
/// <param name="Contiguous">Bytes read one after the other up to there.</param>
/// <param name="Chained">Requests that followed each other, the closed one included.</param>
/// <param name="Taken">Bytes of the rate estimate.</param>
/// <param name="TakenTime">Microseconds of the rate estimate.</param>
/// <param name="TakenUnblocked">Bytes taken in all.</param>
public readonly record struct ReaderPast(long Position, long Contiguous, int Chained, double Taken, double TakenTime, long TakenUnblocked);
