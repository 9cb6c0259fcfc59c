namespace Distribyted.BitTorrent.Peers;

/// <summary>The last two different pieces that a peer announced one by one; -1: none.</summary>
internal readonly record struct OfferedPieces(int Last, int Before)
{
    public static OfferedPieces None => new(-1, -1);

    /// <summary>After one more was announced. A piece that is announced again stays one offer.</summary>
    public OfferedPieces With(int piece)
    {
        return new OfferedPieces(piece, piece == Last ? Before : Last);
    }
}
