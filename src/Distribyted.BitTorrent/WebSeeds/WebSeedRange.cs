using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>A stretch of the torrent that is read from the server in one go, and the blocks in it that were asked so far. Guarded by the lock of its connection.</summary>
internal sealed class WebSeedRange
{
    private readonly List<BlockRef> _blocks = [];
    private readonly HashSet<BlockRef> _cancelled = [];
    private int _received;

    /// <param name="start">First byte, from the start of the torrent.</param>
    /// <param name="limit">Where it ends at the latest: blocks that follow up to there need no request of their own.</param>
    public WebSeedRange(long start, long limit)
    {
        Start = End = start;
        Limit = limit;
    }

    /// <summary>First byte, from the start of the torrent.</summary>
    public long Start { get; }

    /// <summary>Behind the last byte that may be asked of it.</summary>
    public long Limit { get; }

    /// <summary>Behind the last byte that was asked.</summary>
    public long End { get; private set; }

    /// <summary>Nothing is added to it any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Set while all that was asked has come: whoever adds to it, or closes it, completes this.</summary>
    public TaskCompletionSource? Idle { get; set; }

    /// <summary>Blocks that were asked and have not come.</summary>
    public ReadOnlySpan<BlockRef> Missing => CollectionsMarshal.AsSpan(_blocks)[_received..];

    /// <summary>A block is asked that follows those in it; false: it does not, or lies behind the limit.</summary>
    /// <param name="block">Which.</param>
    /// <param name="first">Its first byte, from the start of the torrent.</param>
    /// <param name="length">Its bytes.</param>
    public bool TryAdd(BlockRef block, long first, int length)
    {
        if (IsClosed || first != End || End + length > Limit)
        {
            return false;
        }

        _blocks.Add(block);
        End += length;
        Idle?.TrySetResult();
        return true;
    }

    /// <summary>The next blocks have come.</summary>
    public void Receive(int count)
    {
        _received += count;
    }

    /// <summary>A block that was cancelled is asked again before it came; false: it is none of these.</summary>
    public bool TryRevive(BlockRef block)
    {
        return Missing.Contains(block) && _cancelled.Remove(block);
    }

    /// <summary>A block is not wanted any more.</summary>
    /// <returns>Whether it was the last one that was.</returns>
    public bool Cancel(BlockRef block)
    {
        if (!Missing.Contains(block))
        {
            return false;
        }

        _cancelled.Add(block);
        foreach (var missing in Missing)
        {
            if (!_cancelled.Contains(missing))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Ends it.</summary>
    /// <returns>The blocks that have not come.</returns>
    public BlockRef[] Close()
    {
        IsClosed = true;
        BlockRef[] missing = [.. Missing];
        _received = _blocks.Count;
        Idle?.TrySetResult();
        return missing;
    }
}
