using System.Diagnostics;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Bytes that others keep on disk within the limit of the cache: what was used longest ago goes first, whether it is theirs or a piece. Takes the cache's lock.</summary>
/// <remarks>Slots that are given away become holes in the slabs, which take no space. Half of the limit at most is given away, so that pieces always have some.</remarks>
internal sealed class SharedSpace(Lock @lock, CacheIndex index, SlabStore slabs, SpaceWaiters space, ILogger logger)
{
    private readonly Lock _lock = @lock;

    // Guarded by _lock.
    private Func<long>? _oldestUse;
    private Func<bool>? _evict;
    private long _reserved;
    private bool _isAsking;
    private bool _cannotPunch;

    /// <summary>Bytes that others have now.</summary>
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

    public void Share(Func<long> oldestUse, Func<bool> evict)
    {
        lock (_lock)
        {
            (_oldestUse, _evict) = (oldestUse, evict);
        }
    }

    /// <summary>Reserves bytes for others, and evicts pieces for them that were used before all that the others could give up. Null: not now.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="drop">Takes a group out of the cache for good.</param>
    public IDisposable? TryReserve(long bytes, Action<CacheGroup> drop)
    {
        List<int> slots;
        lock (_lock)
        {
            if (index.IsClosed || (!index.IsDiskTheLimit && _reserved + bytes > index.Limit / 2))
            {
                return null;
            }

            if (index.TryReserve(bytes))
            {
                _reserved += bytes;
                return new Reservation(this, bytes);
            }

            if (index.IsDiskTheLimit || _cannotPunch)
            {
                return null;
            }

            var count = (int)((bytes + index.SlotLength - 1) / index.SlotLength);
            slots = index.GiveAway(count, _oldestUse?.Invoke() ?? long.MaxValue, drop);
        }

        var isGiven = slots.Count > 0 && slots.TrueForAll(slabs.TryPunch);
        lock (_lock)
        {
            _cannotPunch |= slots.Count > 0 && !isGiven;
            index.EndGivingAway(slots, isGiven);
            space.Changed();
            if (!isGiven || !index.TryReserve(bytes))
            {
                return null;
            }

            _reserved += bytes;
            return new Reservation(this, bytes);
        }
    }

    /// <summary>Whether others have what was used before all pieces that may go for a new one: they are asked to give it up, and there is space soon.</summary>
    public bool IsAsked(int slots)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_reserved == 0 || _oldestUse is null || index.Fits(slots))
        {
            return false;
        }

        if (!_isAsking)
        {
            var oldest = _oldestUse();
            if (oldest == long.MaxValue || index.FindVictim()?.TouchedAt <= oldest)
            {
                return false;
            }

            _isAsking = true;
            Background.Queue("eviction of spools", logger, Ask);
        }

        return true;
    }

    private void Ask()
    {
        try
        {
            _evict!();
        }
        finally
        {
            lock (_lock)
            {
                _isAsking = false;
                space.Changed();
            }
        }
    }

    private void Release(long bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            index.Release(bytes);
            space.Changed();
        }
    }

    private sealed class Reservation(SharedSpace space, long bytes) : IDisposable
    {
        private int _isBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isBack, 1) == 0)
            {
                space.Release(bytes);
            }
        }
    }
}
