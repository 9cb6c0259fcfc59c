namespace Distribyted.BitTorrent.Swarms;

/// <summary>Neighbouring pieces of one state.</summary>
/// <param name="State">Where they are.</param>
/// <param name="Count">How many, at least 1.</param>
public readonly record struct PieceMapRun(PieceMapState State, int Count);
