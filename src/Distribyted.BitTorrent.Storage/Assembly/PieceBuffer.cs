namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>The memory of one piece: extents that are rented when the first byte for them comes, and returned when the last holder releases it.</summary>
/// <remarks>Born with one holder. Writes to different bytes may run at the same time; reads only see what was written before.</remarks>
internal sealed class PieceBuffer
{
    private readonly ExtentPool _pool;
    private readonly Extent?[] _extents;
    private int _holders = 1;

    /// <summary>Makes an empty buffer over memory that the caller has reserved.</summary>
    public PieceBuffer(ExtentPool pool, int length, long reserved)
    {
        _pool = pool;
        Length = length;
        Reserved = reserved;
        _extents = new Extent?[(length + ExtentPool.SlabLength - 1) / ExtentPool.SlabLength];
    }

    /// <summary>Bytes of the piece.</summary>
    public int Length { get; }

    /// <summary>Bytes of the budget that go with this buffer.</summary>
    public long Reserved { get; }

    /// <summary>Copies bytes in; they may not cross a multiple of 256 KiB.</summary>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        var index = offset / ExtentPool.SlabLength;
        data.CopyTo(Rented(index).Span[(offset % ExtentPool.SlabLength)..]);
    }

    /// <summary>What was written at these bytes; they may not cross a multiple of 256 KiB.</summary>
    public ReadOnlySpan<byte> Slice(int offset, int length)
    {
        var extent = Volatile.Read(ref _extents[offset / ExtentPool.SlabLength])!;
        return extent.Span.Slice(offset % ExtentPool.SlabLength, length);
    }

    /// <summary>What was written from an offset to the end of the piece, the next multiple of 256 KiB, or as much as is asked for.</summary>
    public ReadOnlyMemory<byte> Memory(int offset, int most)
    {
        var at = offset % ExtentPool.SlabLength;
        var count = Math.Min(Math.Min(most, Length - offset), ExtentPool.SlabLength - at);
        return Volatile.Read(ref _extents[offset / ExtentPool.SlabLength])!.Memory.Slice(at, count);
    }

    /// <summary>Copies out from an offset to the end of the piece, or as much as fits.</summary>
    public int Read(int offset, Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Length - offset);
        for (var done = 0; done < count; )
        {
            var at = offset + done;
            var run = Math.Min(count - done, ExtentPool.SlabLength - (at % ExtentPool.SlabLength));
            Slice(at, run).CopyTo(destination[done..]);
            done += run;
        }

        return count;
    }

    /// <summary>Returns one extent early: its bytes are elsewhere now.</summary>
    public void Free(int index)
    {
        var extent = Interlocked.Exchange(ref _extents[index], null);
        if (extent is not null)
        {
            _pool.Return(extent);
        }
    }

    /// <summary>Adds a holder; may only be called while there is one.</summary>
    public void AddHolder()
    {
        Interlocked.Increment(ref _holders);
    }

    /// <summary>Takes a holder away; the last one returns the memory, not the budget.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            for (var i = 0; i < _extents.Length; i++)
            {
                Free(i);
            }
        }
    }

    private Extent Rented(int index)
    {
        var extent = Volatile.Read(ref _extents[index]);
        if (extent is not null)
        {
            return extent;
        }

        var rented = _pool.Rent(Math.Min(ExtentPool.SlabLength, Length - (index * ExtentPool.SlabLength)));
        var winner = Interlocked.CompareExchange(ref _extents[index], rented, null);
        if (winner is null)
        {
            return rented;
        }

        _pool.Return(rented);
        return winner;
    }
}
