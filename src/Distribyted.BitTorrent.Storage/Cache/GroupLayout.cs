using System.Numerics;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>How a torrent's pieces lie in slots: a long piece has slots of its own, short ones share a slot with their neighbours.</summary>
/// <remarks>
/// A group is what lives and dies together: one piece of at least half a slot, or a bucket of up to 64 neighbouring shorter ones.
/// No slot holds parts of pieces that do not lie wholly in it, except the parts of one long piece.
/// </remarks>
internal sealed class GroupLayout
{
    private readonly PieceLayout _pieces;
    private readonly int _slotLength;
    private readonly int _perGroup;

    public GroupLayout(PieceLayout pieces, int slotLength)
    {
        _pieces = pieces;
        _slotLength = slotLength;
        _perGroup = pieces.PieceLength >= slotLength ? 1 : Math.Min(64, slotLength / pieces.PieceLength);
    }

    public PieceLayout Pieces => _pieces;

    public int GroupCount => ((_pieces.PieceCount - 1) / _perGroup) + 1;

    public int GroupOf(int piece)
    {
        return piece / _perGroup;
    }

    /// <summary>The piece's bit in the mask of its group.</summary>
    public ulong BitOf(int piece)
    {
        return 1UL << (piece % _perGroup);
    }

    public int FirstPieceOf(int group)
    {
        return group * _perGroup;
    }

    public int LastPieceOf(int group)
    {
        return Math.Min(((group + 1) * _perGroup) - 1, _pieces.PieceCount - 1);
    }

    /// <summary>Every bit that a mask of this group may have.</summary>
    public ulong MaskOf(int group)
    {
        var count = LastPieceOf(group) - FirstPieceOf(group) + 1;
        return count == 64 ? ulong.MaxValue : (1UL << count) - 1;
    }

    /// <summary>Slots of this group.</summary>
    public int PartsOf(int group)
    {
        return _perGroup > 1 ? 1 : (_pieces.LengthOf(group) + _slotLength - 1) / _slotLength;
    }

    /// <summary>Whether a group that was found on disk was stored with this layout.</summary>
    public bool Fits(CacheGroup group)
    {
        return group.Number < GroupCount && group.Slots.Length == PartsOf(group.Number) && (group.Stored & ~MaskOf(group.Number)) == 0;
    }

    /// <summary>The pieces of a group whose bits are set in a mask, lowest first.</summary>
    public GroupPieces PiecesOf(int group, ulong mask)
    {
        return new GroupPieces(FirstPieceOf(group), mask & MaskOf(group));
    }

    /// <summary>Bytes of those pieces.</summary>
    public long BytesOf(int group, ulong mask)
    {
        var bytes = (long)BitOperations.PopCount(mask) * _pieces.PieceLength;
        var last = _pieces.PieceCount - 1;
        return GroupOf(last) == group && (mask & BitOf(last)) != 0 ? bytes - _pieces.PieceLength + _pieces.LengthOf(last) : bytes;
    }

    /// <summary>Where a byte of a piece lies: which part of its group, and bytes from that slot's start.</summary>
    public (int Part, int Offset) Locate(int piece, int offset)
    {
        return _perGroup > 1 ? (0, (piece % _perGroup * _pieces.PieceLength) + offset) : (offset / _slotLength, offset % _slotLength);
    }
}
