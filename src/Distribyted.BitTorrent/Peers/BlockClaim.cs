using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Peers;

/// <summary>A block that is wanted and lies in a receive buffer.</summary>
/// <param name="Piece">Where it is to be filled in.</param>
/// <param name="Block">Which block of the piece.</param>
/// <param name="Start">Bytes from the start of the receive batch.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct BlockClaim(OpenPiece Piece, int Block, int Start, int Length);
