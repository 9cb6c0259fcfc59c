namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>256 KiB of pinned memory, cut into extents of one length. Guarded by the pool's lock.</summary>
internal sealed class ExtentSlab
{
    private Extent[] _extents = [];
    private ulong _free;
    private ulong _all;

    /// <summary>The memory itself: pinned, so that sockets and files can work on it without pinning it each time.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(ExtentPool.SlabLength, pinned: true);

    /// <summary>Index in its pool's list of slabs with space; -1 while it is in none.</summary>
    public int ListIndex { get; set; } = -1;

    public bool IsFull => _free == 0;

    public bool IsEmpty => _free == _all;

    /// <summary>Cuts an empty slab. The extents are made once and kept while the length stays.</summary>
    public void Cut(int length)
    {
        var count = ExtentPool.SlabLength / length;
        if (_extents.Length != count)
        {
            _extents = new Extent[count];
            for (var i = 0; i < count; i++)
            {
                _extents[i] = new Extent(this, i, length);
            }
        }

        _all = count == 64 ? ulong.MaxValue : (1UL << count) - 1;
        _free = _all;
    }

    public Extent Allocate()
    {
        var index = System.Numerics.BitOperations.TrailingZeroCount(_free);
        _free &= _free - 1;
        return _extents[index];
    }

    public void Free(Extent extent)
    {
        var bit = 1UL << extent.Index;
        if ((_free & bit) != 0)
        {
            throw new InvalidOperationException("An extent was returned twice.");
        }

        _free |= bit;
    }
}
