// In six files of one class: every state a piece can be in changes under its one lock.
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>The piece cache: verified pieces in memory and in slots on disk, within one limit each, least recently read out first.</summary>
/// <remarks>
/// A piece's way: open (memory and slots reserved) - verified (readable) - written - in the journal (stored) - evicted. One lock guards the
/// bookkeeping and is never held across I/O or a call to a torrent. What a start finds is hashed before its first byte is used.
/// </remarks>
internal sealed partial class PieceCache : IPieceStore
{
    private const int MaxRead = 256 * 1024; // a lease is short
    private const int MaxDiskReads = 16; // engine.md 3.2: 16 readers of a slow disk take 0.6 s so, 3 s with two
    private static readonly TimeSpan DiskRetry = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(3); // SIGTERM ends within 5

    private readonly Lock _gate = new();
    private readonly CacheIndex _index;
    private readonly ExtentPool _pool;
    private readonly DiskBudget _budget;
    private readonly SlabStore _slabs;
    private readonly SlabJournal _journal;
    private readonly JournalWriter _records;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PieceEventPump _pump;
    private readonly WriteBehind _behind;
    private readonly SemaphoreSlim _reads = new(MaxDiskReads);
    private readonly ITimer _retry;
    private readonly int _ahead;
    private readonly Action<CacheGroup> _evict;

    // Guarded by _gate.
    private readonly LinkedList<RamPiece> _unwritten = new();
    private readonly LinkedList<RamPiece> _hot = new();
    private readonly List<TorrentPieces> _waiting = [];
    private readonly List<JournalEntry> _owed = []; // to the journal, which did not take them
    private long _unwrittenBytes;
    private long _version; // of everything that TryOpen depends on
    private bool _diskFull;
    private bool _diskFullSaid;
    private bool _disposed;

    internal PieceCache(
        CacheOptions options,
        DiskBudget budget,
        SlabStore slabs,
        SlabJournal journal,
        JournalWriter records,
        CacheIndex index,
        TimeProvider time,
        ILogger logger
    )
    {
        _budget = budget;
        _slabs = slabs;
        _journal = journal;
        _records = records;
        _index = index;
        _time = time;
        _logger = logger;
        _pool = new ExtentPool(options.PieceMemory, options.HotCache);
        _ahead = MaxAheadOfFrontier(options);
        _evict = Evict;
        _pump = new PieceEventPump(logger);
        _retry = Background.CreateTimer(time, "disk timer of the piece cache", logger, RetryDisk);
        _behind = new WriteBehind(this, logger);
        _lendsSlots = options.Size < 0 || options.Size >= options.PinSlotsFrom;
        _lentMark = Path.Combine(slabs.Folder, LentMark);
        _lookAgain = Background.CreateTimer(time, "timer of lent slots", logger, LookAgain);
        index.Lent.Rested = StartRenewing;
        if (File.Exists(_lentMark))
        {
            TryLending();
        }
    }

    public (long Items, long Filled, long Capacity) Usage
    {
        get
        {
            lock (_gate)
            {
                return (_index.PieceCount, _index.ByteCount, Capacity);
            }
        }
    }

    public Action<InfoHash>? Emptied { get; set; }

    /// <summary>The memory of this cache: for statistics and tests.</summary>
    public ExtentPool Pool => _pool;

    private long Capacity => _budget.Limit < 0 ? -1 : (long)_index.Capacity * _index.SlotLength;

    /// <summary>Opens the cache of a folder, or makes one. Reads the journal and no content.</summary>
    public static Task<PieceCache> OpenAsync(CacheOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        return Task.Run(() => PieceCacheFolder.Open(options, time, logger, cancellationToken), cancellationToken);
    }

    /// <summary>Bytes that requests of one piece may run ahead of its hash frontier (<c>SchedulerLimits</c>): what an open piece may have of the memory.</summary>
    public static int MaxAheadOfFrontier(CacheOptions options)
    {
        var bytes = Math.Min(options.PieceMemory / 8, 16L << 20);
        return (int)Math.Max(bytes / ExtentPool.SlabLength, 1) * ExtentPool.SlabLength;
    }

    public ITorrentPieces Attach(TorrentInfo info, IPieceEvents events)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var torrent = _index.GetOrAdd(info.InfoHash);
            if (torrent.View is not null)
            {
                throw new InvalidOperationException($"Torrent {info.InfoHash} is open already.");
            }

            var layout = new GroupLayout(info.Layout, _index.SlotLength);
            var view = new TorrentPieces(this, torrent, info, events);
            torrent.Layout = layout;
            torrent.View = view;
            _index.Place(torrent);
            foreach (var group in torrent.Groups.Values.ToArray())
            {
                if (!layout.Fits(group))
                {
                    Drop(group); // another layout than the one it was stored with; nothing of it can be right
                    continue;
                }

                var last = layout.LastPieceOf(group.Number);
                for (var piece = layout.FirstPieceOf(group.Number); piece <= last; piece++)
                {
                    if ((group.Stored & layout.BitOf(piece)) != 0)
                    {
                        view.Mark(piece, readable: true, stored: true);
                    }
                }
            }

            foreach (var ram in torrent.Ram.Values)
            {
                view.Mark(ram.Piece, readable: true, view.IsStored(ram.Piece));
            }

            return view;
        }
    }

    public bool HasPieces(InfoHash hash)
    {
        lock (_gate)
        {
            return _index.Find(hash) is { } torrent && torrent.Groups.Values.Any(group => group.Stored != 0);
        }
    }

    public long StoredBytes(InfoHash hash)
    {
        lock (_gate)
        {
            return _index.Find(hash)?.Groups.Values.Sum(static group => group.Bytes) ?? 0;
        }
    }

    public void CopyStored(TorrentInfo info, Span<byte> bitfield)
    {
        bitfield.Clear();
        lock (_gate)
        {
            if (_index.Find(info.InfoHash) is not { } torrent)
            {
                return;
            }

            var layout = torrent.Layout ?? new GroupLayout(info.Layout, _index.SlotLength);
            foreach (var group in torrent.Groups.Values.Where(layout.Fits))
            {
                var last = layout.LastPieceOf(group.Number);
                for (var piece = layout.FirstPieceOf(group.Number); piece <= last; piece++)
                {
                    if ((group.Stored & layout.BitOf(piece)) != 0)
                    {
                        bitfield[piece >> 3] |= (byte)(0x80 >> (piece & 7));
                    }
                }
            }
        }
    }

    public void Remove(InfoHash hash)
    {
        lock (_gate)
        {
            if (_index.Find(hash) is not { } torrent)
            {
                return;
            }

            foreach (var ram in torrent.Ram.Values.ToArray())
            {
                DropRam(ram);
            }

            foreach (var group in torrent.Groups.Values.ToArray())
            {
                Drop(group);
            }

            _index.Place(torrent);
            RoomChanged();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        await _retry.DisposeAsync();
        await _lookAgain.DisposeAsync();
        using var deadline = new CancellationTokenSource(StopBudget, _time);
        try
        {
            await _behind.FinishAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            _logger.StoppedUnwritten(_unwritten.Count); // the journal stays as it is: it is right at any moment
            return;
        }

        Snapshot();
        _journal.Dispose();
        _slabs.Dispose();
    }

    internal void Detach(TorrentPieces view)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (torrent.View != view)
            {
                return;
            }

            torrent.View = null;
            torrent.Windows.Clear();
            torrent.Pins.Clear();
            _waiting.Remove(view);
            _room.Leave(view, Milliseconds);
            _index.Place(torrent);
            RoomChanged();
        }
    }

    /// <summary>Something that was refused may succeed now.</summary>
    private void RoomChanged()
    {
        _version++;
        foreach (var view in _waiting)
        {
            view.WaitsForRoom = false;
            _pump.Post(view, PieceEventKind.RoomFreed, -1);
        }

        _waiting.Clear();
    }

    private void TakeFromUnwritten(RamPiece ram)
    {
        _unwritten.Remove(ram.Place!);
        _unwrittenBytes -= ram.Buffer.Reserved;
    }

    /// <summary>Takes a hot piece out of memory; it stays on disk.</summary>
    private void ForgetRam(RamPiece ram)
    {
        _hot.Remove(ram.Place!);
        _pool.ReleaseHot(ram.Buffer.Reserved);
        ram.State = RamState.Dropped;
        ram.Torrent.Ram.Remove(ram.Piece);
        ram.Buffer.LetGo();
    }

    /// <summary>Takes a piece out of memory that may be nowhere else.</summary>
    private void DropRam(RamPiece ram)
    {
        if (ram.State == RamState.Hot)
        {
            ForgetRam(ram);
            return;
        }

        var written = ram.State == RamState.Writing; // then the journal keeper ends it
        TakeFromUnwritten(ram);
        _pool.Release(ram.Buffer.Reserved);
        ram.State = RamState.Dropped;
        ram.Torrent.Ram.Remove(ram.Piece);
        if (!written)
        {
            ram.Buffer.LetGo();
            if (ram.Group is { } group)
            {
                _index.Leave(group);
            }
        }

        Gone(ram.Torrent, ram.Piece);
        if (ram.Torrent.View is null)
        {
            _index.Place(ram.Torrent);
        }

        RoomChanged();
    }

    private void Gone(CachedTorrent torrent, int piece)
    {
        if (torrent.View is { } view && view.Has(piece))
        {
            view.Mark(piece, readable: false, stored: false);
            _pump.Post(view, PieceEventKind.Gone, piece);
        }
    }

    /// <summary>Takes a group out of the cache to make room. The journal need not know: the next owner of the slot tells it.</summary>
    private void Evict(CacheGroup group)
    {
        var torrent = group.Torrent;
        var hadPieces = group.Stored != 0;
        GoneFrom(group, group.Stored);
        _index.Unlink(group);
        _index.Settle(group);
        if (hadPieces && torrent.View is null && Emptied is { } emptied && torrent.Groups.Values.All(static left => left.Stored == 0))
        {
            Background.Queue("news of an emptied torrent", _logger, () => emptied(torrent.Hash));
        }
    }

    /// <summary>Takes a group out for good.</summary>
    private void Drop(CacheGroup group)
    {
        if (group.Stored != 0)
        {
            _behind.Record(JournalEntry.ForDropped(group.Slots));
        }

        Evict(group);
    }

    private void GoneFrom(CacheGroup group, ulong mask)
    {
        var torrent = group.Torrent;
        if (torrent.Layout is not { } layout || group.Number >= layout.GroupCount)
        {
            return;
        }

        var last = layout.LastPieceOf(group.Number);
        for (var piece = layout.FirstPieceOf(group.Number); piece <= last; piece++)
        {
            if ((mask & layout.BitOf(piece)) != 0)
            {
                if (torrent.Ram.TryGetValue(piece, out var ram) && ram.State == RamState.Hot)
                {
                    ForgetRam(ram);
                }

                Gone(torrent, piece);
            }
        }
    }
}
