namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>One block: piece and number of the block inside it. Offset and length come from <see cref="PieceLayout"/>.</summary>
public readonly record struct BlockRef(int Piece, int Block);
