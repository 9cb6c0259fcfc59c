namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>A piece that is being filled. Blocks are filled by the loops that claimed them, at the same time and in any order.</summary>
public abstract class OpenPiece
{
    /// <summary>The piece's number.</summary>
    public abstract int Piece { get; }

    /// <summary>Blocks hashed so far, from the first on.</summary>
    public abstract int HashedBlocks { get; }

    /// <summary>The sources of the blocks of the attempt that failed last, each source once.</summary>
    public abstract IReadOnlyList<long> Sources { get; }

    /// <summary>After Verified: sources whose blocks of a failed attempt differ from the true ones (smart ban); mostly empty.</summary>
    public abstract IReadOnlyList<long> Liars { get; }

    /// <summary>Copies a block in that the scheduler called New, and hashes whatever became contiguous. Outside every lock.</summary>
    /// <param name="block">Block number in the piece.</param>
    /// <param name="data">Exactly the block's bytes.</param>
    /// <param name="source">A number of the caller's for the peer that sent it.</param>
    public abstract PieceProgress Fill(int block, ReadOnlySpan<byte> data, long source);

    /// <summary>Gives memory and slots back unfinished. Safe while another loop fills. Later calls of Fill do nothing.</summary>
    public abstract void Discard();
}
