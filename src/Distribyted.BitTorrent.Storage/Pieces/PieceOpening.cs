namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>The result of <see cref="ITorrentPieces.TryOpen"/>. <c>default</c>: not now.</summary>
/// <param name="Piece">The open piece; null: it was not opened.</param>
/// <param name="BytesNeeded">Bytes of the cache that the piece takes, when it can never fit; otherwise 0.</param>
/// <param name="BytesOfCache">Bytes that the cache holds, when the piece can never fit; otherwise 0.</param>
public readonly record struct PieceOpening(OpenPiece? Piece, long BytesNeeded = 0, long BytesOfCache = 0)
{
    /// <summary>Whether memory is what it lacks, and not the limit of the cache; false for a piece that was opened.</summary>
    public bool LacksMemory { get; init; }

    /// <summary>The cache is smaller than this one piece: asking again is in vain.</summary>
    public bool NeverFits => BytesNeeded > 0;
}
