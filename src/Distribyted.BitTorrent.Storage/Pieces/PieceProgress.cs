namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>What a block did to its piece.</summary>
public enum PieceProgress
{
    /// <summary>More blocks are missing, or another loop is hashing.</summary>
    Filling,

    /// <summary>This call hashed the last block and the hash is right: the piece can be read from now on.</summary>
    Verified,

    /// <summary>This call hashed the last block and the hash is wrong: all blocks are empty again; <see cref="OpenPiece.Sources"/> says who sent them.</summary>
    Failed,

    /// <summary>This call hashed blocks that the home did not take: the piece can only be discarded, and nobody who sent blocks is to blame.</summary>
    Homeless,
}
