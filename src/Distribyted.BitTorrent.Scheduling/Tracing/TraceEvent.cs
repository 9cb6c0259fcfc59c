namespace Distribyted.BitTorrent.Scheduling.Tracing;

/// <summary>One event of a scheduler.</summary>
/// <param name="At">Microseconds of the scheduler's clock.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Peer">Index of the peer's slot; of a reader: its number.</param>
/// <param name="Piece">Which piece; -1: none.</param>
/// <param name="Block">Which block of it; -1: none.</param>
/// <param name="Queue">Requests at the peer before; 0 when no peer is concerned.</param>
/// <param name="Value">See <see cref="TraceKind"/>.</param>
public readonly record struct TraceEvent(long At, TraceKind Kind, long Peer, int Piece, int Block, int Queue, long Value);
