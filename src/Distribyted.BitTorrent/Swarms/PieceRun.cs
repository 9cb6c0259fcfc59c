namespace Distribyted.BitTorrent.Swarms;

/// <summary>Neighbouring pieces of one status.</summary>
public readonly record struct PieceRun(PieceStatus Status, int Count);
