// Readers that need no copy: memory and slots that are lent to sockets, and what has to be true before a slot that was lent is written again.
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Storage.Telemetry;

namespace Distribyted.BitTorrent.Storage.Cache;

internal sealed partial class PieceCache
{
    /// <summary>A file in the cache's folder that says: slots have been lent.</summary>
    internal const string LentMark = "lent";

    private const int MaxLoan = 1 << 20;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CautiousFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OnDiskAfter = TimeSpan.FromSeconds(40); // Linux writes what is older than 30 s, looking every 5 (dirty_expire_centisecs)

    private readonly string _lentMark;
    private readonly bool _lendsSlots;
    private readonly ITimer _lookAgain;

    // Guarded by _gate.
    private Lending _lending;
    private bool _isRenewing;
    private long _cautiousUntil;

    /// <summary>Whether slots can be lent.</summary>
    private enum Lending
    {
        /// <summary>Not tried yet, or the trial said nothing.</summary>
        Unknown,

        /// <summary>Being tried.</summary>
        Trying,

        /// <summary>They can.</summary>
        Possible,

        /// <summary>Not in this folder.</summary>
        Impossible,
    }

    /// <summary>Slots that nobody owns but a socket: for tests.</summary>
    internal int HeldSlots
    {
        get
        {
            lock (_gate)
            {
                return _index.Lent.HeldCount;
            }
        }
    }

    /// <summary>Whether it is being found out that slots can be lent: for tests.</summary>
    internal bool IsTryingToLend
    {
        get
        {
            lock (_gate)
            {
                return _lending == Lending.Trying;
            }
        }
    }

    internal PinnedBytes Lend(TorrentPieces view, int piece, int offset, int most)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (torrent.View != view || _disposed)
            {
                return default;
            }

            var ram = torrent.Ram.GetValueOrDefault(piece);
            if (ram is null or { State: RamState.Hot } && TryLendSlots(torrent, piece, offset, most, out var loan))
            {
                return loan;
            }

            if (ram is null or { Spilled: true })
            {
                return default;
            }

            ram.Buffer.Hold();
            var memory = ram.Buffer.Memory(offset, most);
            return new PinnedBytes(null, 0, memory, memory.Length, new MemoryLease(ram.Buffer));
        }
    }

    private bool TryLendSlots(CachedTorrent torrent, int piece, int offset, int most, out PinnedBytes loan)
    {
        loan = default;
        var layout = torrent.Layout!;
        if (
            !torrent.Groups.TryGetValue(layout.GroupOf(piece), out var group)
            || (group.Stored & group.Confirmed & layout.BitOf(piece)) == 0
            || !MayLend(group)
            || !_reads.Wait(0) // the disk is busy: who reads waits for it, who borrows does not
        )
        {
            return false;
        }

        var (part, at) = layout.Place(piece, offset);
        var slot = group.Slots[part];
        var length = _index.SlotLength - at;
        most = Math.Min(Math.Min(most, MaxLoan), layout.Pieces.LengthOf(piece) - offset);
        _index.Lent.Add(slot);
        while (length < most && part + 1 < group.Slots.Length && _slabs.AreNeighbours(group.Slots[part], group.Slots[part + 1]))
        {
            _index.Lent.Add(group.Slots[++part]);
            length += _index.SlotLength;
        }

        group.Leases++;
        var (file, position) = _slabs.Locate(slot);
        loan = new PinnedBytes(file, position + at, default, Math.Min(length, most), new SlotLease(this, group));
        return true;
    }

    private bool MayLend(CacheGroup group)
    {
        if (!_lendsSlots)
        {
            return false;
        }

        var now = _time.GetTimestamp();
        if (_lending == Lending.Unknown && now >= _cautiousUntil)
        {
            TryLending();
        }

        if (_lending != Lending.Possible || _index.Lent.HeldCount > _index.Capacity / 8)
        {
            return false;
        }

        // Where slots are used again before the disk has them, what is fresh is copied: else its writing would be forced for nothing.
        return now >= _cautiousUntil || group.StoredAt == 0 || _time.GetElapsedTime(group.StoredAt, now) > OnDiskAfter;
    }

    private void TryLending()
    {
        _lending = Lending.Trying;
        Background.Queue("trial of lending", _logger, TryLendingNow);
    }

    private void TryLendingNow()
    {
        var found = Lending.Unknown;
        try
        {
            found = PageCache.CanForget(_lentMark) ? Lending.Possible : Lending.Impossible;
            if (found == Lending.Impossible)
            {
                File.Delete(_lentMark); // else it stays: the next run must know that slots were lent
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk, for example: says nothing, and is tried again.
        }
        catch (Exception exception)
        {
            _logger.LendingFailed(exception);
            found = Lending.Impossible;
        }

        lock (_gate)
        {
            _lending = found;
            if (found == Lending.Unknown)
            {
                BeCautious();
            }

            StartRenewing();
        }
    }

    /// <summary>Looks, soon, at the slots that rest.</summary>
    private void StartRenewing()
    {
        if (!_isRenewing && !_disposed && _lending != Lending.Trying && _index.Lent.IsLooking)
        {
            _isRenewing = true;
            Background.Queue("renewal of lent slots", _logger, Renew);
        }
    }

    private void Renew()
    {
        while (true)
        {
            int[] slots;
            bool isSafe;
            lock (_gate)
            {
                slots = _index.Lent.Take();
                isSafe = _lending == Lending.Impossible; // where nothing can be seen nothing was lent, whatever an old mark says
                if (slots.Length == 0 || _disposed)
                {
                    _isRenewing = false;
                    return;
                }
            }

            var free = Array.ConvertAll(slots, slot => isSafe || _slabs.TryForget(slot));
            lock (_gate)
            {
                for (var i = 0; i < slots.Length; i++)
                {
                    if (free[i])
                    {
                        _index.Renewed(slots[i]);
                    }
                    else
                    {
                        _index.Lent.Hold(slots[i]);
                    }
                }

                if (_index.Lent.HeldCount > 0 && !_disposed)
                {
                    BeCautious();
                    _lookAgain.Change(LookAgainAfter, Timeout.InfiniteTimeSpan);
                }

                RoomChanged();
            }
        }
    }

    private void BeCautious()
    {
        _cautiousUntil = _time.GetTimestamp() + (long)(CautiousFor.TotalSeconds * _time.TimestampFrequency);
    }

    private void LookAgain()
    {
        lock (_gate)
        {
            _index.Lent.LookAgain();
            StartRenewing();
        }
    }

    private sealed class SlotLease(PieceCache cache, CacheGroup group) : IDisposable
    {
        private CacheGroup? _group = group;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _group, null) is { } lent)
            {
                cache._reads.Release();
                cache.Release(lent);
            }
        }
    }

    private sealed class MemoryLease(PieceBuffer buffer) : IDisposable
    {
        private PieceBuffer? _buffer = buffer;

        public void Dispose()
        {
            Interlocked.Exchange(ref _buffer, null)?.LetGo();
        }
    }
}
