namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A connected peer in the scheduler's tables: an index that is reused, and a generation so that late events of a dead peer are ignored.</summary>
public readonly record struct PeerSlot(int Index, int Generation);
