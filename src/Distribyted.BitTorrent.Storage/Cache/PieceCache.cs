using System.Diagnostics;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Storage.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>The piece cache: verified pieces in memory and in slots on disk, within one limit each; the least recently read are evicted first.</summary>
/// <remarks>
/// One lock guards the index and the fields of all parts; it is never held across I/O or a call to a torrent. What a start finds is hashed before its
/// first byte is used. The page <c>life-of-a-piece.md</c> says which part moves a piece from which state to which.
/// </remarks>
internal sealed class PieceCache : IPieceStore
{
    private const long LeastGivenBack = 8L << 20; // less is not worth a collection
    private const int MaxDiskReads = 16; // 16 readers of a slow disk take 0.6 s at once, and 3 s two at a time
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(3); // the daemon ends within 5 s of SIGTERM

    private readonly Lock _lock = new();
    private readonly CacheIndex _index;
    private readonly SlabStore _slabs;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DiskState _disk;
    private readonly SpaceWaiters _space;
    private readonly MemoryPieces _memory;
    private readonly JournalKeeper _journal;
    private readonly CacheGroups _groups;

    internal PieceCache(
        CacheOptions options,
        SlabStore slabs,
        SlabJournal journal,
        JournalWriter records,
        CacheIndex index,
        TimeProvider time,
        ILogger logger
    )
    {
        _slabs = slabs;
        _index = index;
        _time = time;
        _logger = logger;
        Pool = new ExtentPool(options.PieceMemory, options.HotCache);
        var events = new PieceEventQueue(logger);
        var files = new GroupFiles(slabs);
        var reads = new SemaphoreSlim(MaxDiskReads);
        _disk = new DiskState(_lock, index, time, logger, RetryDisk);
        _space = new SpaceWaiters(_lock, index, events, time);
        _memory = new MemoryPieces(_lock, index, Pool, _disk, _space, events, time);
        _journal = new JournalKeeper(_lock, index, files, journal, records, _disk, _space, _memory, logger);
        _groups = new CacheGroups(_lock, index, _memory, _journal, _disk, events, logger);
        var pins = new GroupPins(_lock, index, _space);
        Confirmer = new PieceConfirmer(_lock, index, _groups, pins, files, _space, logger);
        Opener = new PieceOpener(_lock, index, Pool, _memory, _groups, files, _journal, _disk, _space, MaxAheadOfFrontier(options));
        Reader = new PieceReader(_lock, index, pins, Confirmer, slabs, reads);
        Interest = new ReaderInterest(_lock, index, _memory, _space, time);
        Shared = new SharedSpace(_lock, index, slabs, _space, logger);
        _groups.Shared = Shared;
        var isPinningAllowed = options.Size < 0 || options.Size >= options.PinSlotsFrom;
        Quarantine = new SlotQuarantine(_lock, index, slabs, _space, isPinningAllowed, time, logger);
        Pins = new SlotPins(_lock, index, pins, slabs, reads, Quarantine);
    }

    /// <inheritdoc/>
    public void GiveBackMemory()
    {
        if (Pool.Trim(LeastGivenBack) is > 0 and var bytes)
        {
            var begun = _time.GetTimestamp();

            LargeBuffers.Clear();

            // Slabs are in the heap of pinned objects; a process that does nothing allocates nothing, and would never collect them.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _logger.MemoryGivenBack(bytes, _time.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    public (long Items, long Filled, long Capacity) Usage
    {
        get
        {
            lock (_lock)
            {
                return (_index.PieceCount, _index.ByteCount, Capacity);
            }
        }
    }

    /// <inheritdoc/>
    public bool IsDiskFull
    {
        get
        {
            lock (_lock)
            {
                return _disk.IsFull;
            }
        }
    }

    public Action<InfoHash>? Emptied
    {
        set => _groups.Emptied = value;
    }

    /// <summary>The memory of this cache: for statistics and tests.</summary>
    public ExtentPool Pool { get; }

    internal SharedSpace Shared { get; }

    internal PieceOpener Opener { get; }

    internal PieceConfirmer Confirmer { get; }

    internal PieceReader Reader { get; }

    internal ReaderInterest Interest { get; }

    internal SlotPins Pins { get; }

    internal SlotQuarantine Quarantine { get; }

    private long Capacity => _index.IsDiskTheLimit ? -1 : (long)_index.Capacity * _index.SlotLength;

    /// <summary>Opens the cache of a folder, or makes one. Reads the journal and no content.</summary>
    public static Task<PieceCache> OpenAsync(CacheOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        return Task.Run(() => PieceCacheFolder.Open(options, time, logger, cancellationToken), cancellationToken);
    }

    /// <summary>Bytes that requests of one piece may run ahead of its hash frontier: what an open piece may have of the piece memory.</summary>
    public static int MaxAheadOfFrontier(CacheOptions options)
    {
        var bytes = Math.Min(options.PieceMemory / 8, 16L << 20);
        return (int)Math.Max(bytes / ExtentPool.SlabLength, 1) * ExtentPool.SlabLength;
    }

    /// <inheritdoc/>
    public void Share(Func<long> oldestUse, Func<bool> evict)
    {
        Shared.Share(oldestUse, evict);
    }

    /// <inheritdoc/>
    public IDisposable? TryReserve(long bytes)
    {
        return Shared.TryReserve(bytes, _groups.Drop);
    }

    public ITorrentPieces Attach(TorrentInfo info, IPieceEvents events)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_index.IsClosed, this);
            var torrent = _index.GetOrAdd(info.InfoHash);
            if (torrent.View is not null)
            {
                throw new InvalidOperationException($"Torrent {info.InfoHash} is open already.");
            }

            var view = new TorrentView(_lock, torrent, info, events);
            torrent.Layout = new GroupLayout(info.Layout, _index.SlotLength);
            torrent.View = view;
            _index.Reposition(torrent);
            MarkFound(torrent, view);
            return new TorrentPieces(this, view);
        }
    }

    public bool HasPieces(InfoHash hash)
    {
        lock (_lock)
        {
            return _index.Find(hash) is { } torrent && torrent.Groups.Values.Any(static group => group.Stored != 0);
        }
    }

    public long StoredBytes(InfoHash hash)
    {
        lock (_lock)
        {
            return _index.Find(hash)?.Groups.Values.Sum(static group => group.Bytes) ?? 0;
        }
    }

    public void CopyStored(TorrentInfo info, Span<byte> bitfield)
    {
        bitfield.Clear();
        lock (_lock)
        {
            if (_index.Find(info.InfoHash) is not { } torrent)
            {
                return;
            }

            var layout = torrent.Layout ?? new GroupLayout(info.Layout, _index.SlotLength);
            foreach (var group in torrent.Groups.Values.Where(layout.Fits))
            {
                foreach (var piece in layout.PiecesOf(group.Number, group.Stored))
                {
                    bitfield[piece >> 3] |= (byte)(0x80 >> (piece & 7));
                }
            }
        }
    }

    public void Remove(InfoHash hash)
    {
        lock (_lock)
        {
            if (_index.Find(hash) is not { } torrent)
            {
                return;
            }

            foreach (var ram in torrent.Ram.Values.ToArray())
            {
                _memory.Drop(ram);
            }

            foreach (var group in torrent.Groups.Values.ToArray())
            {
                _groups.Drop(group);
            }

            _index.Reposition(torrent);
            _space.Changed();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_index.IsClosed)
            {
                return;
            }

            _index.IsClosed = true;
        }

        await _disk.DisposeAsync();
        await Quarantine.DisposeAsync();
        using var deadline = new CancellationTokenSource(StopBudget, _time);
        try
        {
            await _journal.FinishAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            _logger.StoppedUnwritten(_memory.UnwrittenCount); // the journal stays as it is: it is right at any moment
            return;
        }

        _slabs.Dispose();
    }

    /// <summary>The torrent's owner has closed it; its pieces stay.</summary>
    internal void Detach(TorrentView view)
    {
        lock (_lock)
        {
            var torrent = view.Torrent;
            if (torrent.View != view)
            {
                return;
            }

            torrent.View = null;
            torrent.Windows.Clear();
            torrent.PinnedPieces.Clear();
            _space.Close(view);
            _index.Reposition(torrent);
            _space.Changed();
        }
    }

    /// <summary>Marks what is here already of a torrent that is being opened, and drops groups that were stored with another layout.</summary>
    private void MarkFound(CachedTorrent torrent, TorrentView view)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var layout = torrent.Layout!;
        foreach (var group in torrent.Groups.Values.ToArray())
        {
            if (!layout.Fits(group))
            {
                _groups.Drop(group); // none of its pieces can be right
                continue;
            }

            foreach (var piece in layout.PiecesOf(group.Number, group.Stored))
            {
                view.Mark(piece, readable: true, stored: true);
            }
        }

        foreach (var ram in torrent.Ram.Values)
        {
            view.Mark(ram.Piece, readable: true, view.IsStored(ram.Piece));
        }
    }

    /// <summary>A minute after the disk refused bytes: it is asked again.</summary>
    private void RetryDisk()
    {
        lock (_lock)
        {
            if (_index.IsClosed)
            {
                return;
            }

            _disk.BeginRetry();
            _journal.RecordMissed();
            _index.RetrySetAside();
            _memory.WriteRamOnly(_groups, _journal);
            _space.Changed();
        }
    }
}
