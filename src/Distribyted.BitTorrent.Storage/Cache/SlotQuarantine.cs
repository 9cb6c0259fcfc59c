using System.Diagnostics;
using Distribyted.BitTorrent.Storage.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Finds out whether slots can be pinned on this disk, and checks slots in quarantine until no socket has pages of them any more.</summary>
internal sealed class SlotQuarantine : IAsyncDisposable
{
    /// <summary>A file in the cache's folder that says: sockets have pinned slots, and may still do so in the next run.</summary>
    internal const string MarkFile = "lent";

    private static readonly TimeSpan CheckAgainAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CautiousFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OnDiskAfter = TimeSpan.FromSeconds(40); // Linux writes what is older than 30 s, looking every 5 (dirty_expire_centisecs)

    private readonly Lock _lock;
    private readonly CacheIndex _index;
    private readonly SlabStore _slabs;
    private readonly SpaceWaiters _space;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _mark;
    private readonly bool _isAllowed;
    private readonly ITimer _checkAgain;

    // Guarded by _lock.
    private Support _support;
    private bool _isChecking;
    private long _cautiousUntil;

    /// <param name="lock">The cache's.</param>
    /// <param name="index">The cache's.</param>
    /// <param name="slabs">Its slots.</param>
    /// <param name="space">Told when slots become free.</param>
    /// <param name="isAllowed">Whether slots of this cache may be pinned at all.</param>
    /// <param name="time">For checks that are repeated.</param>
    /// <param name="logger">Told of unexpected errors.</param>
    public SlotQuarantine(
        Lock @lock,
        CacheIndex index,
        SlabStore slabs,
        SpaceWaiters space,
        bool isAllowed,
        TimeProvider time,
        ILogger logger
    )
    {
        _lock = @lock;
        _index = index;
        _slabs = slabs;
        _space = space;
        _isAllowed = isAllowed;
        _time = time;
        _logger = logger;
        _mark = Path.Combine(slabs.Folder, MarkFile);
        _checkAgain = Background.CreateTimer(time, "timer of pinned slots", logger, CheckAgain);
        index.Pinned.Quarantined = StartChecking;
        if (File.Exists(_mark))
        {
            lock (_lock)
            {
                StartProbe();
            }
        }
    }

    /// <summary>Whether the disk shows when a slot is pinned no more.</summary>
    private enum Support
    {
        /// <summary>Not tried yet, or the try said nothing.</summary>
        Unknown,

        /// <summary>Being tried.</summary>
        Probing,

        /// <summary>It does.</summary>
        Yes,

        /// <summary>Not in this folder: slots are never pinned.</summary>
        No,
    }

    /// <summary>Slots in quarantine that were found pinned: for tests.</summary>
    internal int StillPinned
    {
        get
        {
            lock (_lock)
            {
                return _index.Pinned.StillPinnedCount;
            }
        }
    }

    /// <summary>Whether it is being found out that slots can be pinned: for tests.</summary>
    internal bool IsProbing
    {
        get
        {
            lock (_lock)
            {
                return _support == Support.Probing;
            }
        }
    }

    /// <summary>Whether slots of a group may be pinned now.</summary>
    public bool MayPin(CacheGroup group)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (!_isAllowed)
        {
            return false;
        }

        var now = _time.GetTimestamp();
        if (_support == Support.Unknown && now >= _cautiousUntil)
        {
            StartProbe();
        }

        if (_support != Support.Yes || _index.Pinned.StillPinnedCount > _index.Capacity / 8)
        {
            return false;
        }

        // Where slots are used again before the disk has them, what is fresh is copied: else its writing would be forced for nothing.
        return now >= _cautiousUntil || group.StoredAt == 0 || _time.GetElapsedTime(group.StoredAt, now) > OnDiskAfter;
    }

    public ValueTask DisposeAsync()
    {
        return _checkAgain.DisposeAsync();
    }

    private void StartProbe()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _support = Support.Probing;
        Background.Queue("probe whether slots can be pinned", _logger, Probe);
    }

    private void Probe()
    {
        var found = Support.Unknown;
        try
        {
            found = PageCache.CanDrop(_mark) ? Support.Yes : Support.No;
            if (found == Support.No)
            {
                File.Delete(_mark); // else it stays: the next run must know that slots were pinned
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk, for example: says nothing, and is tried again.
        }
        catch (Exception exception)
        {
            _logger.PinProbeFailed(exception);
            found = Support.No;
        }

        lock (_lock)
        {
            _support = found;
            if (found == Support.Unknown)
            {
                BeCautious();
            }

            StartChecking();
        }
    }

    /// <summary>Checks, soon, the slots in quarantine.</summary>
    private void StartChecking()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (!_isChecking && !_index.IsClosed && _support != Support.Probing && _index.Pinned.IsChecking)
        {
            _isChecking = true;
            Background.Queue("check of quarantined slots", _logger, Check);
        }
    }

    private void Check()
    {
        while (true)
        {
            int[] slots;
            bool isSafe;
            lock (_lock)
            {
                slots = _index.Pinned.BeginCheck();
                isSafe = _support == Support.No; // where no pin can be seen no slot was pinned, whatever an old mark says
                if (slots.Length == 0 || _index.IsClosed)
                {
                    _isChecking = false;
                    return;
                }
            }

            var free = Array.ConvertAll(slots, slot => isSafe || _slabs.TryDropFromPageCache(slot));
            lock (_lock)
            {
                EndCheck(slots, free);
            }
        }
    }

    private void EndCheck(int[] slots, bool[] free)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        for (var i = 0; i < slots.Length; i++)
        {
            if (free[i])
            {
                _index.EndQuarantine(slots[i]);
            }
            else
            {
                _index.Pinned.KeepInQuarantine(slots[i]);
            }
        }

        if (_index.Pinned.StillPinnedCount > 0 && !_index.IsClosed)
        {
            BeCautious();
            _checkAgain.Change(CheckAgainAfter, Timeout.InfiniteTimeSpan);
        }

        _space.Changed();
    }

    private void BeCautious()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _cautiousUntil = _time.GetTimestamp() + (long)(CautiousFor.TotalSeconds * _time.TimestampFrequency);
    }

    private void CheckAgain()
    {
        lock (_lock)
        {
            _index.Pinned.CheckAgain();
            StartChecking();
        }
    }
}
