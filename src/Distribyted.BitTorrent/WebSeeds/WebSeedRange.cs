using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>Blocks that follow each other and are asked of the server in one go. What changes is guarded by the lock of its connection.</summary>
internal sealed class WebSeedRange(BlockRef[] blocks, long start, long length)
{
    private readonly HashSet<BlockRef> _cancelled = [];

    public BlockRef[] Blocks => blocks;

    /// <summary>First byte, from the start of the torrent.</summary>
    public long Start => start;

    /// <summary>Bytes.</summary>
    public long Length => length;

    /// <summary>How many of the blocks have come.</summary>
    public int Received { get; set; }

    /// <summary>Those that have not come.</summary>
    public ReadOnlySpan<BlockRef> Missing => blocks.AsSpan(Received);

    /// <summary>A block is not wanted any more.</summary>
    /// <returns>Whether none of the missing ones is.</returns>
    public bool Cancel(BlockRef block)
    {
        if (Missing.Contains(block))
        {
            _cancelled.Add(block);
        }

        foreach (var missing in Missing)
        {
            if (!_cancelled.Contains(missing))
            {
                return false;
            }
        }

        return true;
    }
}
