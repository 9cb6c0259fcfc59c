using System.Numerics;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>The pieces of a group whose bits are set in a mask, lowest first; for <c>foreach</c>, without an allocation.</summary>
internal struct GroupPieces(int firstPiece, ulong mask)
{
    private ulong _left = mask;

    public int Current { get; private set; }

    public readonly GroupPieces GetEnumerator()
    {
        return this;
    }

    public bool MoveNext()
    {
        if (_left == 0)
        {
            return false;
        }

        Current = firstPiece + BitOperations.TrailingZeroCount(_left);
        _left &= _left - 1;
        return true;
    }
}
