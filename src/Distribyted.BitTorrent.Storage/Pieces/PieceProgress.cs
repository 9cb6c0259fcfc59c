namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>What a piece became by one more block.</summary>
public enum PieceProgress
{
    /// <summary>More blocks are missing, or another loop is hashing.</summary>
    Filling,

    /// <summary>This call hashed the last block and the hash is right: the piece can be read from now on.</summary>
    Verified,

    /// <summary>This call hashed the last block and the hash is wrong: all blocks are empty again; <see cref="OpenPiece.Sources"/> says who sent them.</summary>
    Failed,

    /// <summary>This call hashed blocks that the disk did not take: the piece can only be discarded, and no peer is to blame.</summary>
    RefusedByDisk,
}
