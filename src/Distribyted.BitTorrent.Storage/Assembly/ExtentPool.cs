using System.Numerics;

namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>The engine's memory for pieces: pinned slabs that are reused, and two budgets that say who may have how much of them.</summary>
/// <remarks>
/// Bytes of <c>piece memory</c> are reserved before a piece is opened and follow it until it is on disk; then they may move to the
/// <c>hot cache</c>, which is accounting and never a copy. Safe for use by many threads; in steady state nothing is allocated.
/// </remarks>
internal sealed class ExtentPool
{
    /// <summary>Bytes of the longest extent, and of every slab.</summary>
    public const int SlabLength = 256 * 1024;

    /// <summary>Bytes of the shortest extent.</summary>
    public const int MinLength = 4 * 1024;

    private const int Classes = 7; // 4 KiB .. 256 KiB
    private const long ReadAheadFloor = 40L << 20; // what is under way at 300 MB/s, in pieces that are asked for but not whole

    private readonly Lock _lock = new();
    private readonly Stack<ExtentSlab> _empty = new();
    private readonly List<ExtentSlab>[] _partial = new List<ExtentSlab>[Classes];
    private readonly int _keep;
    private int _slabs;
    private int _mostUsed; // slabs that were in use at once since the last Trim
    private long _pieceMemory;
    private long _hot;

    public ExtentPool(long pieceMemory, long hotCache)
    {
        PieceMemory = pieceMemory;
        HotCache = hotCache;
        ReadAheadMemory = Math.Max(Math.Min(pieceMemory / 4 * 3, ReadAheadFloor), pieceMemory / 3);
        _keep = checked((int)((pieceMemory + hotCache) / SlabLength));
        for (var i = 0; i < Classes; i++)
        {
            _partial[i] = [];
        }
    }

    /// <summary>Most bytes of pieces that are open, or verified and not yet on disk.</summary>
    public long PieceMemory { get; }

    /// <summary>Most bytes of <see cref="PieceMemory"/> that are in use when a piece is opened which no reader waits for: more of them would only wait for
    /// the disk. A third; of a small piece memory up to three quarters.</summary>
    public long ReadAheadMemory { get; }

    /// <summary>Most bytes of pieces that are on disk, too.</summary>
    public long HotCache { get; }

    /// <summary>Reserved bytes of <see cref="PieceMemory"/>.</summary>
    public long PieceMemoryUsed => Interlocked.Read(ref _pieceMemory);

    /// <summary>Used bytes of <see cref="HotCache"/>.</summary>
    public long HotUsed => Interlocked.Read(ref _hot);

    /// <summary>Bytes that are allocated now, in use or not.</summary>
    public long Allocated
    {
        get
        {
            lock (_lock)
            {
                return (long)_slabs * SlabLength;
            }
        }
    }

    /// <summary>Bytes that a piece of this length takes.</summary>
    public static long BytesFor(int length)
    {
        var whole = length / SlabLength * (long)SlabLength;
        var tail = length % SlabLength;
        return tail == 0 ? whole : whole + LengthOf(tail);
    }

    /// <summary>Reserves piece memory. Read-ahead may use <see cref="ReadAheadMemory"/>; the rest is for pieces that a reader waits for.</summary>
    public bool TryReserve(long bytes, bool urgent)
    {
        var limit = urgent ? PieceMemory : ReadAheadMemory;
        while (true)
        {
            var used = Interlocked.Read(ref _pieceMemory);
            if (used + bytes > limit)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _pieceMemory, used + bytes, used) == used)
            {
                return true;
            }
        }
    }

    /// <summary>Gives reserved piece memory back.</summary>
    public void Release(long bytes)
    {
        Interlocked.Add(ref _pieceMemory, -bytes);
    }

    /// <summary>The bytes are hot from now on; the caller sees to it that <see cref="HotUsed"/> stays within its limit.</summary>
    public void MoveToHot(long bytes)
    {
        Interlocked.Add(ref _hot, bytes);
        Release(bytes);
    }

    /// <summary>Gives hot bytes back.</summary>
    public void ReleaseHot(long bytes)
    {
        Interlocked.Add(ref _hot, -bytes);
    }

    /// <summary>Allocates memory for at most 256 KiB; the caller has reserved it.</summary>
    public Extent Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)SlabLength, nameof(length));
        length = LengthOf(length);
        lock (_lock)
        {
            var list = _partial[ClassOf(length)];
            ExtentSlab slab;
            if (list.Count > 0)
            {
                slab = list[^1];
            }
            else
            {
                slab = _empty.Count > 0 ? _empty.Pop() : Allocate();
                _mostUsed = Math.Max(_mostUsed, _slabs - _empty.Count);
                slab.Cut(length);
                slab.ListIndex = list.Count;
                list.Add(slab);
            }

            var extent = slab.Allocate();
            if (slab.IsFull)
            {
                Unlist(list, slab);
            }

            return extent;
        }
    }

    /// <summary>Gives memory back; it may not be used any more.</summary>
    public void Return(Extent extent)
    {
        lock (_lock)
        {
            var slab = extent.Slab;
            var list = _partial[ClassOf(extent.Length)];
            slab.Free(extent);
            if (slab.IsEmpty)
            {
                if (slab.ListIndex >= 0)
                {
                    Unlist(list, slab);
                }

                if (_slabs > _keep)
                {
                    _slabs--; // more than the budgets together, by fragmentation: the collector takes it
                }
                else
                {
                    _empty.Push(slab);
                }
            }
            else if (slab.ListIndex < 0)
            {
                slab.ListIndex = list.Count;
                list.Add(slab);
            }
        }
    }

    /// <summary>Drops slabs that were not needed since the last call; the collector takes them.</summary>
    /// <param name="least">Bytes. If fewer were not needed, they stay: until the next full collection, which is rare, they would lie beside the slabs that
    /// are allocated in their place.</param>
    /// <returns>Bytes that were dropped.</returns>
    public long Trim(long least)
    {
        lock (_lock)
        {
            var count = Math.Min(_slabs - _mostUsed, _empty.Count);
            _mostUsed = _slabs - _empty.Count;
            if (count <= 0 || count * (long)SlabLength < least)
            {
                return 0;
            }

            for (var i = 0; i < count; i++)
            {
                _empty.Pop();
            }

            _slabs -= count;
            return count * (long)SlabLength;
        }
    }

    private static int LengthOf(int length)
    {
        return (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, MinLength));
    }

    private static int ClassOf(int length)
    {
        return BitOperations.Log2((uint)length) - 12;
    }

    private static void Unlist(List<ExtentSlab> list, ExtentSlab slab)
    {
        var last = list[^1];
        list[slab.ListIndex] = last;
        last.ListIndex = slab.ListIndex;
        list.RemoveAt(list.Count - 1);
        slab.ListIndex = -1;
    }

    private ExtentSlab Allocate()
    {
        _slabs++;
        return new ExtentSlab();
    }
}
