namespace Distribyted.BitTorrent.Protocol;

/// <summary>The arithmetic of pieces and blocks: the one place that knows where a piece starts, ends and how it is cut (BEP 3).</summary>
/// <remarks>Immutable. A block is 16 KiB; the last block of a piece and the last piece of a torrent may be shorter.</remarks>
public sealed class PieceLayout
{
    /// <summary>Bytes of a block: the largest request that every client answers.</summary>
    public const int BlockLength = 16 * 1024;

    /// <summary>Shortest piece that is accepted, bytes.</summary>
    public const int MinPieceLength = 1024;

    /// <summary>Longest piece that is accepted, bytes.</summary>
    public const int MaxPieceLength = 64 * 1024 * 1024;

    /// <summary>Most pieces of one torrent.</summary>
    public const int MaxPieceCount = 2_000_000;

    /// <summary>Most bytes of one torrent.</summary>
    public const long MaxTotalLength = 1L << 50;

    /// <summary>Lays out a torrent.</summary>
    /// <exception cref="ProtocolException">A length is outside the limits above.</exception>
    public PieceLayout(long totalLength, long pieceLength)
    {
        if (pieceLength is < MinPieceLength or > MaxPieceLength)
        {
            throw new ProtocolException(
                ProtocolError.Invalid,
                $"The piece length {pieceLength} is not between {MinPieceLength} and {MaxPieceLength}."
            );
        }

        if (totalLength is <= 0 or > MaxTotalLength)
        {
            throw new ProtocolException(ProtocolError.Invalid, $"The total length {totalLength} is not between 1 and {MaxTotalLength}.");
        }

        var count = (totalLength + pieceLength - 1) / pieceLength;
        if (count > MaxPieceCount)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"The torrent has {count} pieces; at most {MaxPieceCount} are accepted.");
        }

        TotalLength = totalLength;
        PieceLength = (int)pieceLength;
        PieceCount = (int)count;
        BlocksPerPiece = (PieceLength + BlockLength - 1) / BlockLength;
    }

    /// <summary>Bytes of all files together, padding files included.</summary>
    public long TotalLength { get; }

    /// <summary>Bytes of every piece but perhaps the last.</summary>
    public int PieceLength { get; }

    /// <summary>How many pieces there are.</summary>
    public int PieceCount { get; }

    /// <summary>Blocks of every piece but perhaps the last.</summary>
    public int BlocksPerPiece { get; }

    /// <summary>Bytes of this piece.</summary>
    public int LengthOf(int piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(unchecked((uint)piece), (uint)PieceCount, nameof(piece));
        return (int)Math.Min(PieceLength, TotalLength - StartOf(piece));
    }

    /// <summary>Bytes from the start of the torrent to the start of this piece.</summary>
    public long StartOf(int piece)
    {
        return (long)piece * PieceLength;
    }

    /// <summary>The piece that holds this byte of the torrent.</summary>
    public int PieceAt(long offset)
    {
        return checked((int)(offset / PieceLength));
    }

    /// <summary>How many blocks this piece has.</summary>
    public int BlockCountOf(int piece)
    {
        return (LengthOf(piece) + BlockLength - 1) / BlockLength;
    }

    /// <summary>Bytes of one block of this piece.</summary>
    public int BlockLengthOf(int piece, int block)
    {
        var length = LengthOf(piece) - (block * BlockLength);
        return Math.Min(BlockLength, length);
    }

    /// <summary>Whether a peer's request or block lies wholly inside a piece.</summary>
    public bool Contains(long piece, long offset, long length)
    {
        return piece >= 0 && piece < PieceCount && offset >= 0 && length > 0 && offset <= LengthOf((int)piece) - length;
    }
}
