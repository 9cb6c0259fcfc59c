using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>The blocks that were asked of a web seed and not of its server yet, and how they become ranges. Pure; guarded by the lock of its connection.</summary>
/// <remarks>A range reaches to the end of its last piece, since pieces are fetched whole. One that goes on where the one before it ended reaches twice as far
/// as that: who reads on needs fewer and fewer requests, and who jumps gives up little.</remarks>
/// <param name="layout">Of the torrent.</param>
internal sealed class WebSeedQueue(PieceLayout layout)
{
    /// <summary>How far a range reaches at most beyond the piece in which it begins, bytes.</summary>
    public const int LongestReach = 8 << 20;

    private readonly List<BlockRef> _waiting = []; // oldest first
    private long _lastLimit = -1;
    private long _lastReach;

    public int Count => _waiting.Count;

    public void Add(BlockRef block)
    {
        _waiting.Add(block);
    }

    /// <summary>A block is not wanted any more; false: it does not wait here.</summary>
    public bool Remove(BlockRef block)
    {
        return _waiting.Remove(block);
    }

    /// <summary>Blocks that were taken wait again, before all others.</summary>
    public void PutBack(IEnumerable<BlockRef> blocks)
    {
        _waiting.InsertRange(0, blocks);
    }

    /// <summary>Removes the blocks of some pieces.</summary>
    public IReadOnlyList<BlockRef> RemoveAll(Func<int, bool> isOf)
    {
        var found = _waiting.FindAll(block => isOf(block.Piece));
        _waiting.RemoveAll(block => isOf(block.Piece));
        return found;
    }

    /// <summary>Adds a block to a range that it follows; false: it does not, or lies behind its limit.</summary>
    public bool TryAdd(WebSeedRange range, BlockRef block)
    {
        return range.TryAdd(block, StartOf(block), LengthOf(block));
    }

    /// <summary>Takes the oldest block and those that follow it in the torrent without a gap, in whichever order they were asked.</summary>
    /// <returns>Null: nothing waits.</returns>
    public WebSeedRange? Take()
    {
        if (_waiting.Count == 0)
        {
            return null;
        }

        var start = StartOf(_waiting[0]);
        List<BlockRef> taken = [];
        for (var (next, end) = (0, start); next >= 0; next = IndexAt(end))
        {
            taken.Add(_waiting[next]);
            end += LengthOf(_waiting[next]);
            _waiting.RemoveAt(next);
        }

        var limit = EndOf(taken[^1].Piece);
        if (start == _lastLimit)
        {
            var reach = start + Math.Min(2 * _lastReach, LongestReach);
            limit = Math.Max(limit, EndOf(layout.PieceAt(Math.Min(reach, layout.TotalLength) - 1)));
        }

        (_lastLimit, _lastReach) = (limit, limit - start);
        var range = new WebSeedRange(start, limit);
        taken.ForEach(block => TryAdd(range, block));
        return range;
    }

    private int IndexAt(long start)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (StartOf(_waiting[i]) == start)
            {
                return i;
            }
        }

        return -1;
    }

    private long EndOf(int piece)
    {
        return layout.StartOf(piece) + layout.LengthOf(piece);
    }

    private long StartOf(BlockRef block)
    {
        return layout.StartOf(block.Piece) + ((long)block.Block * PieceLayout.BlockLength);
    }

    private int LengthOf(BlockRef block)
    {
        return layout.BlockLengthOf(block.Piece, block.Block);
    }
}
