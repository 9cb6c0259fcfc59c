namespace Distribyted.BitTorrent.Pieces;

/// <summary>What a block did to its piece.</summary>
internal enum PieceProgress
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

/// <summary>A piece that is being filled. Blocks are filled by the loops that claimed them, at the same time and in any order.</summary>
internal abstract class OpenPiece
{
    /// <summary>Which.</summary>
    public abstract int Piece { get; }

    /// <summary>Blocks hashed so far, from the first on.</summary>
    public abstract int HashedBlocks { get; }

    /// <summary>Who sent the blocks of the attempt that failed last, each source once.</summary>
    public abstract IReadOnlyList<long> Sources { get; }

    /// <summary>After Verified: sources whose blocks of a failed attempt differ from the true ones (smart ban); mostly empty.</summary>
    public abstract IReadOnlyList<long> Liars { get; }

    /// <summary>Copies a block in that the scheduler called New, and hashes whatever became contiguous. Outside every lock.</summary>
    /// <param name="block">Block number in the piece.</param>
    /// <param name="data">Exactly the block's bytes.</param>
    /// <param name="source">Who sent it.</param>
    public abstract PieceProgress Fill(int block, ReadOnlySpan<byte> data, long source);

    /// <summary>Gives memory and slots back unfinished. Safe while another loop fills. Later calls of Fill do nothing.</summary>
    public abstract void Discard();
}
