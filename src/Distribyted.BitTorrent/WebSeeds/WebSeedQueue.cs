using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>The blocks that were asked of a web seed and not of its server yet, and how they become ranges. Pure; guarded by the lock of its connection.</summary>
/// <param name="layout">Of the torrent.</param>
internal sealed class WebSeedQueue(PieceLayout layout)
{
    /// <summary>Most blocks of a range: 4 MiB. A seek that comes while it is under way gives up what is left of it.</summary>
    public const int MostBlocks = 256;

    private readonly List<BlockRef> _waiting = []; // oldest first

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

    /// <summary>Takes the oldest block and those that follow it in the torrent without a gap, in whichever order they were asked.</summary>
    /// <returns>Null: nothing waits.</returns>
    public WebSeedRange? Take()
    {
        if (_waiting.Count == 0)
        {
            return null;
        }

        var first = _waiting[0];
        _waiting.RemoveAt(0);
        List<BlockRef> taken = [first];
        var start = StartOf(first);
        var end = start + LengthOf(first);
        while (taken.Count < MostBlocks && IndexAt(end) is >= 0 and var next)
        {
            taken.Add(_waiting[next]);
            end += LengthOf(_waiting[next]);
            _waiting.RemoveAt(next);
        }

        return new WebSeedRange([.. taken], start, end - start);
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

    private long StartOf(BlockRef block)
    {
        return layout.StartOf(block.Piece) + ((long)block.Block * PieceLayout.BlockLength);
    }

    private int LengthOf(BlockRef block)
    {
        return layout.BlockLengthOf(block.Piece, block.Block);
    }
}
