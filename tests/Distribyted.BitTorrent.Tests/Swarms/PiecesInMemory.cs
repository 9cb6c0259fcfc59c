using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Pieces of which only is known whether they are here.</summary>
internal sealed class PiecesInMemory : ITorrentPieces
{
    public HashSet<int> Here { get; } = [];

    /// <summary>Opens a piece; null: there is no space.</summary>
    public Func<int, PieceOpening>? Opening { get; set; }

    /// <summary>Windows of readers: first and last piece, and the piece of the next byte.</summary>
    public Dictionary<long, (int First, int Last, int Position)> Windows { get; } = [];

    public int StoredCount => Here.Count;

    public bool Has(int piece)
    {
        return Here.Contains(piece);
    }

    public bool IsStored(int piece)
    {
        return Here.Contains(piece);
    }

    public void CopyStored(Span<byte> bitfield)
    {
        foreach (var piece in Here)
        {
            bitfield[piece / 8] |= (byte)(0x80 >> (piece % 8));
        }
    }

    public PieceOpening TryOpen(int piece, bool urgent)
    {
        return Opening?.Invoke(piece) ?? default;
    }

    public ValueTask<int> ReadAsync(int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        return new ValueTask<int>(Has(piece) ? destination.Length : 0);
    }

    public void Doubt() { }

    public PinnedBytes PinBytes(int piece, int offset, int most)
    {
        return default;
    }

    public void Touch(int piece) { }

    public void SetWindow(long reader, int first, int last, int position = -1)
    {
        Windows[reader] = (first, last, position);
    }

    public void ClearWindow(long reader)
    {
        Windows.Remove(reader);
    }

    public void Pin(int piece) { }

    public void Unpin(int piece) { }

    public void Dispose() { }
}
