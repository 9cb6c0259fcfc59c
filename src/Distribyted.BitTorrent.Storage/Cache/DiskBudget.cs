using Distribyted.Platform;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>One limit for every byte that content takes on disk: slots, journal, the journal's snapshot. Bytes are reserved before they exist.</summary>
/// <remarks>Without a limit (-1) the disk itself is the limit: 1 GiB or 5 % of it, whichever is less, stays free.</remarks>
internal sealed class DiskBudget
{
    private const long KeepFree = 1L << 30;
    private const long MeasureEvery = 64L << 20;

    private readonly Lock _lock = new();
    private readonly Func<(long Free, long Total)> _measure;
    private long _reserved;
    private long _allowance; // bytes that may be reserved before the disk is measured again

    /// <param name="limit">Bytes; -1: what the disk has.</param>
    /// <param name="measure">Free and total bytes of the disk; asked only without a limit.</param>
    public DiskBudget(long limit, Func<(long Free, long Total)> measure)
    {
        Limit = limit;
        _measure = measure;
    }

    /// <summary>Bytes in all; -1: no limit.</summary>
    public long Limit { get; }

    /// <summary>Bytes reserved now.</summary>
    public long Reserved
    {
        get
        {
            lock (_lock)
            {
                return _reserved;
            }
        }
    }

    /// <summary>Measures the disk that holds a folder.</summary>
    public static Func<(long Free, long Total)> MeasureDiskOf(string folder)
    {
        var drive = DiskSpace.DriveOf(folder);
        return () => (drive.AvailableFreeSpace, drive.TotalSize);
    }

    /// <summary>Reserves bytes that are about to be written; false: they do not fit.</summary>
    public bool TryReserve(long bytes)
    {
        lock (_lock)
        {
            if (Limit >= 0)
            {
                if (_reserved + bytes > Limit)
                {
                    return false;
                }
            }
            else
            {
                if (bytes > _allowance)
                {
                    var spare = Spare();
                    if (bytes > spare)
                    {
                        return false;
                    }

                    _allowance = Math.Min(spare, Math.Max(MeasureEvery, bytes));
                }

                _allowance -= bytes;
            }

            _reserved += bytes;
            return true;
        }
    }

    /// <summary>Whether bytes fit within the limit; without a limit the disk is not asked.</summary>
    public bool Fits(long bytes)
    {
        lock (_lock)
        {
            return Limit < 0 || _reserved + bytes <= Limit;
        }
    }

    /// <summary>Bytes that exist already, whatever the limit says.</summary>
    public void Adopt(long bytes)
    {
        lock (_lock)
        {
            _reserved += bytes;
        }
    }

    /// <summary>The bytes are gone from the disk.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
        }
    }

    private long Spare()
    {
        try
        {
            var (free, total) = _measure();
            return free - Math.Min(KeepFree, total / 20);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0; // unplugged, or a share that went stale: whether bytes fit is not known, so they do not
        }
    }
}
