// Longer than most: this is the one place where the cache's lock is taken, and every state a piece can be in changes here.
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Pieces;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage;

/// <summary>The piece cache: verified pieces in memory and in slots on disk, within one limit each, least recently read out first.</summary>
/// <remarks>
/// A piece's way: open (memory and slots reserved) - verified (readable) - written - in the journal (stored) - evicted. One lock guards the
/// bookkeeping and is never held across I/O or a call to a torrent. What a start finds is hashed before its first byte is used.
/// </remarks>
internal sealed class PieceCache : IPieceStore
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
    private long _unwrittenBytes;
    private long _version; // of everything that TryOpen depends on
    private bool _diskFull;
    private bool _diskFullSaid;
    private bool _disposed;

    internal PieceCache(
        BitTorrentOptions options,
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
        _retry = time.CreateTimer(
            static state => ((PieceCache)state!).RetryDisk(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _behind = new WriteBehind(this);
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

    /// <summary>The memory of this cache: for statistics and tests.</summary>
    public ExtentPool Pool => _pool;

    private long Capacity => _budget.Limit < 0 ? -1 : (long)_index.Capacity * _index.SlotLength;

    /// <summary>Opens the cache of a folder, or makes one. Reads the journal and no content.</summary>
    public static Task<PieceCache> OpenAsync(
        BitTorrentOptions options,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        return Task.Run(() => PieceCacheFolder.Open(options, time, logger, cancellationToken), cancellationToken);
    }

    /// <summary>Bytes that requests of one piece may run ahead of its hash frontier (<c>SchedulerLimits</c>): what an open piece may have of the memory.</summary>
    public static int MaxAheadOfFrontier(BitTorrentOptions options)
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
                if (
                    group.Number >= layout.GroupCount
                    || group.Slots.Length != layout.PartsOf(group.Number)
                    || (group.Stored & ~layout.MaskOf(group.Number)) != 0
                )
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
            _index.Place(torrent);
            RoomChanged();
        }
    }

    internal OpenPiece? TryOpen(TorrentPieces view, int piece, bool urgent)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (_disposed || torrent.View != view)
            {
                return null;
            }

            var layout = torrent.Layout!;
            var number = layout.GroupOf(piece);
            var parts = layout.PartsOf(number);
            if (parts > _index.Capacity)
            {
                throw new TorrentException(
                    TorrentFailure.NoSpace,
                    $"One piece of this torrent takes {(long)parts * _index.SlotLength} bytes of the piece cache, which holds {(long)_index.Capacity * _index.SlotLength}. Raise torrent.global_cache_size."
                );
            }

            var group = torrent.Groups.GetValueOrDefault(number);
            if (torrent.Ram.ContainsKey(piece) || (group is not null && (group.Stored & layout.BitOf(piece)) != 0))
            {
                return null;
            }

            var refusal = view.Refusal;
            if (
                refusal.Version == _version
                && (refusal.Urgent || !urgent)
                && (refusal.Parts == 0 || (group is null && parts >= refusal.Parts))
            )
            {
                return Refuse(view, refusal);
            }

            var length = layout.Pieces.LengthOf(piece);
            var spills = length > _ahead;
            var bytes = spills ? _ahead + ExtentPool.SlabLength : ExtentPool.BytesFor(length);
            if (!_pool.TryReserve(bytes, urgent) && !(Shed(bytes) && _pool.TryReserve(bytes, urgent)))
            {
                return Refuse(view, (_version, urgent, 0));
            }

            group ??= CreateGroup(torrent, number, parts, urgent);
            if (group is null && (spills || !_diskFull))
            {
                _pool.Release(bytes);
                return Refuse(view, (_version, urgent, parts));
            }

            if (group is not null)
            {
                _index.Enter(group);
            }

            return new PieceAssembly(
                piece,
                view.Info.PieceHashes.Slice(piece * 20, 20),
                new PieceBuffer(_pool, length, bytes),
                spills,
                new PieceHome(this, torrent, group)
            );
        }
    }

    internal ValueTask<int> ReadAsync(
        TorrentPieces view,
        int piece,
        int offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        var torrent = view.Torrent;
        PieceBuffer? buffer = null;
        lock (_gate)
        {
            if (torrent.View == view && torrent.Ram.TryGetValue(piece, out var ram) && !ram.Spilled)
            {
                buffer = ram.Buffer;
                buffer.Hold();
            }
        }

        if (buffer is null)
        {
            return ReadFromDiskAsync(view, piece, offset, destination, cancellationToken);
        }

        try
        {
            return new ValueTask<int>(buffer.Read(offset, destination.Span[..Math.Min(destination.Length, MaxRead)]));
        }
        finally
        {
            buffer.LetGo();
        }
    }

    internal void Touch(TorrentPieces view, int piece)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (torrent.View != view)
            {
                return;
            }

            var windows = torrent.Windows;
            for (var i = 0; i < windows.Count; i++)
            {
                var window = windows[i];
                if (window.Overlaps(piece, piece) && (window.Position < 0 || piece == window.Position + 1))
                {
                    windows[i] = window with { Position = piece };
                    RoomChanged();
                }
            }

            if (torrent.Ram.TryGetValue(piece, out var ram))
            {
                ram.Touched = true;
                if (ram.State == RamState.Hot && _hot.Last != ram.Place)
                {
                    _hot.Remove(ram.Place!);
                    _hot.AddLast(ram.Place!);
                }
            }

            if (torrent.Groups.TryGetValue(torrent.Layout!.GroupOf(piece), out var group))
            {
                if (group.TouchedAt == 0)
                {
                    group.SecondChance = HoldsEndOfLongFile(view.Info, torrent.Layout, group.Number);
                }

                _index.Touch(group, _time.GetTimestamp(), _time.TimestampFrequency);
            }
        }
    }

    internal void SetWindow(TorrentPieces view, long reader, int first, int last)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (torrent.View != view)
            {
                return;
            }

            var windows = torrent.Windows;
            for (var i = 0; i < windows.Count; i++)
            {
                var window = windows[i];
                if (window.Reader == reader)
                {
                    if (window.First != first || window.Last != last)
                    {
                        var position = window.Position >= first && window.Position <= last ? window.Position : -1;
                        windows[i] = new KeptWindow(reader, first, last, position);
                        RoomChanged();
                    }

                    return;
                }
            }

            windows.Add(new KeptWindow(reader, first, last, -1));
            _index.Place(torrent);
        }
    }

    internal void ClearWindow(TorrentPieces view, long reader)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (torrent.View == view && torrent.Windows.RemoveAll(window => window.Reader == reader) > 0)
            {
                _index.Place(torrent);
                RoomChanged();
            }
        }
    }

    internal void Pin(TorrentPieces view, int piece)
    {
        lock (_gate)
        {
            if (view.Torrent.View == view)
            {
                view.Torrent.Pins[piece] = view.Torrent.Pins.GetValueOrDefault(piece) + 1;
            }
        }
    }

    internal void Unpin(TorrentPieces view, int piece)
    {
        lock (_gate)
        {
            if (view.Torrent.View == view && view.Torrent.Pins.TryGetValue(piece, out var count))
            {
                if (count > 1)
                {
                    view.Torrent.Pins[piece] = count - 1;
                }
                else
                {
                    view.Torrent.Pins.Remove(piece);
                    RoomChanged();
                }
            }
        }
    }

    internal void Spill(CachedTorrent torrent, CacheGroup group, int piece, int offset, ReadOnlySpan<byte> data)
    {
        try
        {
            WriteToSlots(torrent.Layout!, group, piece, offset, data);
        }
        catch (IOException exception)
        {
            lock (_gate)
            {
                StopGrowing(exception.Message);
            }

            throw;
        }
    }

    internal void Verified(CachedTorrent torrent, CacheGroup? group, PieceAssembly piece)
    {
        lock (_gate)
        {
            var isStranger = torrent.Place is null && _index.Find(torrent.Hash) is not null; // removed, and added anew since
            if (_disposed || group is { Dead: true } || isStranger || torrent.Ram.ContainsKey(piece.Piece))
            {
                piece.Buffer.LetGo();
                FreeOpen(group, piece.Buffer.Reserved);
                return;
            }

            var ram = new RamPiece(torrent, piece.Piece, group, piece.Buffer, piece.Spills)
            {
                State = group is null ? RamState.Homeless : RamState.Waiting,
            };
            torrent.Ram.Add(ram.Piece, ram);
            ram.Place = _unwritten.AddLast(ram);
            _unwrittenBytes += ram.Buffer.Reserved;
            if (torrent.Place is null)
            {
                _index.Place(torrent);
            }

            torrent.View?.Mark(ram.Piece, readable: true, stored: false);
            if (group is not null)
            {
                _behind.Write(ram);
            }
        }
    }

    internal void Discarded(CacheGroup? group, PieceAssembly piece)
    {
        lock (_gate)
        {
            FreeOpen(group, piece.Buffer.Reserved);
        }
    }

    /// <summary>A writer takes a piece; false: it is not wanted any more.</summary>
    internal bool BeginWrite(RamPiece piece)
    {
        lock (_gate)
        {
            if (piece.State != RamState.Waiting)
            {
                return false;
            }

            piece.State = RamState.Writing;
            return true;
        }
    }

    internal void WriteToSlots(RamPiece piece)
    {
        for (var offset = 0; !piece.Spilled && offset < piece.Buffer.Length; offset += ExtentPool.SlabLength)
        {
            var length = Math.Min(ExtentPool.SlabLength, piece.Buffer.Length - offset);
            WriteToSlots(piece.Torrent.Layout!, piece.Group!, piece.Piece, offset, piece.Buffer.Slice(offset, length));
        }
    }

    /// <summary>The disk did not take a piece: its slots rest, and it lives in memory.</summary>
    internal void WriteFailed(RamPiece piece, Exception exception)
    {
        lock (_gate)
        {
            var group = piece.Group!;
            var mask = group.Stored & ~(piece.State == RamState.Writing ? piece.Torrent.Layout!.BitOf(piece.Piece) : 0);
            if (mask != group.Stored)
            {
                _index.SetStored(group, mask, piece.Torrent.Layout!.BytesOf(group.Number, mask));
            }

            if (group.Stored == 0 && group.Busy == 1 && !group.Dead)
            {
                _index.Unlink(group);
                _index.Refuse(group);
            }

            piece.Group = null;
            _index.Leave(group);
            if (piece.State == RamState.Writing)
            {
                piece.State = RamState.Homeless;
                if (piece.Spilled)
                {
                    DropRam(piece); // its bytes were in those slots
                }
            }
            else
            {
                piece.Buffer.LetGo();
            }

            StopGrowing(exception.Message);
            RoomChanged();
        }
    }

    /// <summary>Writes down what happened, in order, with one append; then it is true for everybody.</summary>
    internal void Journal(List<JournalEntry> batch)
    {
        lock (_gate)
        {
            _records.Clear();
            foreach (var entry in batch)
            {
                Encode(entry);
            }
        }

        try
        {
            _journal.Append(_records.Records);
        }
        catch (IOException exception)
        {
            foreach (var entry in batch.Where(entry => entry.Piece is not null))
            {
                WriteFailed(entry.Piece!, exception);
            }

            return;
        }

        bool isLong;
        lock (_gate)
        {
            foreach (var entry in batch.Where(entry => entry.Piece is not null))
            {
                Stored(entry.Piece!);
            }

            RoomChanged();
            isLong = _journal.RecordCount > (2L * (_index.LiveSlots + _index.TorrentCount)) + PieceCacheFolder.JournalSlack;
        }

        if (isLong)
        {
            Snapshot();
        }
    }

    private static bool HoldsEndOfLongFile(TorrentInfo info, GroupLayout layout, int group)
    {
        const long LongFile = 8L << 20; // shorter ones are read whole anyway
        var start = info.Layout.StartOf(layout.FirstPieceOf(group));
        var last = layout.LastPieceOf(group);
        var end = info.Layout.StartOf(last) + info.Layout.LengthOf(last);
        var low = 0;
        var high = info.Files.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (info.Files[middle].Offset + info.Files[middle].Length < start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (; low < info.Files.Count && info.Files[low].Offset < end; low++)
        {
            var file = info.Files[low];
            var fileEnd = file.Offset + file.Length;
            if (file.Length >= LongFile && ((file.Offset >= start && file.Offset < end) || (fileEnd > start && fileEnd <= end)))
            {
                return true;
            }
        }

        return false;
    }

    private CacheGroup? CreateGroup(CachedTorrent torrent, int number, int parts, bool urgent)
    {
        var group = _index.TryCreate(torrent, number, parts, urgent, _evict);
        if (group is null && _budget.Limit < 0 && !_index.GrowthStopped)
        {
            StopGrowing("the last gigabyte, or 5 %, stays free");
        }

        return group;
    }

    private OpenPiece? Refuse(TorrentPieces view, (long Version, bool Urgent, int Parts) refusal)
    {
        view.Refusal = refusal;
        if (!view.WaitsForRoom)
        {
            view.WaitsForRoom = true;
            _waiting.Add(view);
        }

        return null;
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

    private void FreeOpen(CacheGroup? group, long reserved)
    {
        _pool.Release(reserved);
        if (group is not null)
        {
            _index.Leave(group);
        }

        RoomChanged();
    }

    /// <summary>Disk slower than the network, or full: pieces that nobody is going to read are dropped unwritten.</summary>
    private bool Shed(long bytes)
    {
        var freed = 0L;
        for (var node = _unwritten.First; node is not null && freed < bytes; )
        {
            var next = node.Next;
            var ram = node.Value;
            var may = ram.State == RamState.Homeless || (ram.State == RamState.Waiting && _unwrittenBytes > _pool.PieceMemory / 2);
            if (may && (ram.Torrent.View is null || ram.Torrent.IsPassed(ram.Piece)))
            {
                freed += ram.Buffer.Reserved;
                DropRam(ram);
            }

            node = next;
        }

        return freed > 0;
    }

    private void Encode(in JournalEntry entry)
    {
        if (entry.Dropped is not null)
        {
            foreach (var slot in entry.Dropped)
            {
                _records.AddDrop(slot);
            }

            return;
        }

        var group = entry.Piece?.Group ?? entry.Group!;
        if (group.Dead)
        {
            return;
        }

        var layout = group.Torrent.Layout!;
        if (entry.Piece is { } piece)
        {
            var mask = group.Stored | layout.BitOf(piece.Piece);
            group.Confirmed |= layout.BitOf(piece.Piece);
            _index.SetStored(group, mask, layout.BytesOf(group.Number, mask));
        }

        if (group.Stored != 0)
        {
            _records.AddGroup(group, group.Stored, group.Bytes);
        }
    }

    private void Stored(RamPiece ram)
    {
        var group = ram.Group!;
        var torrent = ram.Torrent;
        if (!group.Dead)
        {
            group.Confirmed |= torrent.Layout!.BitOf(ram.Piece);
            if (torrent.View is { } view)
            {
                view.Mark(ram.Piece, readable: true, stored: true);
                _pump.Post(view, PieceEventKind.Stored, ram.Piece);
            }
        }

        _index.Leave(group);
        if (ram.State != RamState.Writing)
        {
            ram.Buffer.LetGo(); // dropped meanwhile
            return;
        }

        TakeFromUnwritten(ram);
        if (!ram.Spilled && !group.Dead && ram.Buffer.Reserved <= _pool.HotCache)
        {
            ram.State = RamState.Hot;
            ram.Place = _hot.AddLast(ram);
            _pool.MoveToHot(ram.Buffer.Reserved);
            while (_pool.HotUsed > _pool.HotCache)
            {
                ForgetRam(_hot.First!.Value);
            }
        }
        else
        {
            _pool.Release(ram.Buffer.Reserved);
            ram.State = RamState.Dropped;
            torrent.Ram.Remove(ram.Piece);
            ram.Buffer.LetGo();
            if (group.Dead)
            {
                Gone(torrent, ram.Piece);
            }
        }
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
        GoneFrom(group, group.Stored);
        _index.Unlink(group);
        _index.Settle(group);
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

    private void StopGrowing(string reason)
    {
        _index.GrowthStopped = true;
        if (_diskFull)
        {
            return;
        }

        _diskFull = true;
        if (!_diskFullSaid)
        {
            _diskFullSaid = true;
            _logger.DiskFull(reason);
        }

        if (!_disposed)
        {
            _retry.Change(DiskRetry, Timeout.InfiniteTimeSpan);
        }
    }

    private void RetryDisk()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _diskFull = false;
            _index.RetryRefused();
            foreach (var ram in _unwritten.Where(ram => ram.State == RamState.Homeless).ToArray())
            {
                var layout = ram.Torrent.Layout!;
                var number = layout.GroupOf(ram.Piece);
                var group =
                    ram.Torrent.Groups.GetValueOrDefault(number) ?? CreateGroup(ram.Torrent, number, layout.PartsOf(number), urgent: false);
                if (group is null)
                {
                    break;
                }

                ram.Group = group;
                ram.State = RamState.Waiting;
                _index.Enter(group);
                _behind.Write(ram);
            }

            RoomChanged();
        }
    }

    private void Snapshot()
    {
        lock (_gate)
        {
            _records.Clear();
            _records.AddHeader();
            foreach (var torrent in _index.InOrder)
            {
                torrent.JournalName = 0;
                AddToSnapshot(torrent.Probation);
                AddToSnapshot(torrent.Protected);
            }
        }

        try
        {
            _journal.Replace(_records.Records);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _logger.SnapshotFailed(exception);
            lock (_gate)
            {
                foreach (var torrent in _index.InOrder)
                {
                    torrent.JournalName = 0; // the old journal does not know the new names
                }
            }
        }
    }

    private void AddToSnapshot(GroupList list)
    {
        for (var group = list.Oldest; group is not null; group = group.Newer)
        {
            if (group.Stored != 0)
            {
                _records.AddGroup(group, group.Stored, group.Bytes);
            }
        }
    }

    private void WriteToSlots(GroupLayout layout, CacheGroup group, int piece, int offset, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var (part, at) = layout.Place(piece, offset);
            var count = Math.Min(data.Length, _index.SlotLength - at);
            _slabs.Write(group.Slots[part], at, data[..count]);
            data = data[count..];
            offset += count;
        }
    }

    private async ValueTask<int> ReadFromDiskAsync(
        TorrentPieces view,
        int piece,
        int offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        await EnterDiskAsync(cancellationToken);
        try
        {
            while (true)
            {
                CacheGroup? group;
                Task? confirming = null;
                int slot;
                int at;
                int length;
                lock (_gate)
                {
                    if (!TryLease(view, piece, out group))
                    {
                        return 0;
                    }

                    var layout = view.Torrent.Layout!;
                    (var part, at) = layout.Place(piece, offset);
                    slot = group.Slots[part];
                    length = Math.Min(
                        Math.Min(MaxRead, destination.Length),
                        Math.Min(layout.Pieces.LengthOf(piece) - offset, _index.SlotLength - at)
                    );
                    if ((group.Confirmed & layout.BitOf(piece)) == 0 && !IsSpilled(view.Torrent, piece))
                    {
                        confirming = Confirming(view, group, piece);
                    }
                }

                if (confirming is not null)
                {
                    Release(group);
                    await confirming.WaitAsync(cancellationToken);
                    continue;
                }

                try
                {
                    return _slabs.Read(slot, at, destination.Span[..length]);
                }
                catch (IOException)
                {
                    Damaged(view, group, piece);
                    return 0;
                }
                finally
                {
                    Release(group);
                }
            }
        }
        finally
        {
            _reads.Release();
        }
    }

    private ValueTask EnterDiskAsync(CancellationToken cancellationToken)
    {
        return _reads.Wait(0, cancellationToken) ? default : new ValueTask(_reads.WaitAsync(cancellationToken));
    }

    private bool TryLease(TorrentPieces view, int piece, [NotNullWhen(true)] out CacheGroup? group)
    {
        var torrent = view.Torrent;
        if (
            torrent.View == view
            && !_disposed
            && torrent.Groups.TryGetValue(torrent.Layout!.GroupOf(piece), out group)
            && ((group.Stored & torrent.Layout.BitOf(piece)) != 0 || IsSpilled(torrent, piece))
        )
        {
            group.Leases++;
            return true;
        }

        group = null;
        return false;
    }

    private void Release(CacheGroup group)
    {
        lock (_gate)
        {
            group.Leases--;
            if (group.Leases == 0)
            {
                _index.Settle(group);
                if (group.WasMissed)
                {
                    group.WasMissed = false;
                    RoomChanged();
                }
            }
        }
    }

    /// <summary>Verified in this process, and in its slots, but not yet in the journal.</summary>
    private static bool IsSpilled(CachedTorrent torrent, int piece)
    {
        return torrent.Ram.TryGetValue(piece, out var ram) && ram.Spilled;
    }

    /// <summary>The one hash check of a piece that everybody who wants it waits for.</summary>
    private Task Confirming(TorrentPieces view, CacheGroup group, int piece)
    {
        var checks = view.Torrent.Confirming;
        if (!checks.TryGetValue(piece, out var check))
        {
            group.Leases++;
            check = Task.Run(() => Confirm(view, group, piece));
            checks.Add(piece, check);
        }

        return check;
    }

    private void Confirm(TorrentPieces view, CacheGroup group, int piece)
    {
        var layout = view.Torrent.Layout!;
        var isRight = IsRightOnDisk(view, layout, group, piece);
        lock (_gate)
        {
            view.Torrent.Confirming.Remove(piece);
            if (isRight)
            {
                group.Confirmed |= layout.BitOf(piece) & group.Stored;
            }
        }

        if (!isRight)
        {
            Damaged(view, group, piece);
        }

        Release(group);
    }

    private bool IsRightOnDisk(TorrentPieces view, GroupLayout layout, CacheGroup group, int piece)
    {
        var slots = group.Slots;
        var length = layout.Pieces.LengthOf(piece);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(MaxRead, length));
        var hasher = PieceHasher.Rent();
        try
        {
            for (var offset = 0; offset < length; )
            {
                var (part, at) = layout.Place(piece, offset);
                var count = Math.Min(Math.Min(MaxRead, length - offset), _index.SlotLength - at);
                if (_slabs.Read(slots[part], at, buffer.AsSpan(0, count)) < count)
                {
                    return false;
                }

                hasher.Append(buffer.AsSpan(0, count));
                offset += count;
            }

            return hasher.Matches(view.Info.PieceHashes.Span.Slice(piece * 20, 20));
        }
        catch (IOException)
        {
            return false; // said with the piece that is dropped for it
        }
        finally
        {
            PieceHasher.Return(hasher);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Damaged(TorrentPieces view, CacheGroup group, int piece)
    {
        lock (_gate)
        {
            var layout = view.Torrent.Layout!;
            var mask = group.Stored & ~layout.BitOf(piece);
            if (group.Dead || mask == group.Stored)
            {
                return;
            }

            if (mask == 0 && group.Busy == 0)
            {
                Drop(group);
            }
            else
            {
                GoneFrom(group, layout.BitOf(piece));
                _index.SetStored(group, mask, layout.BytesOf(group.Number, mask));
                _behind.Record(JournalEntry.ForGroup(group));
            }

            RoomChanged();
        }

        _logger.PieceDamaged(piece, view.Torrent.Hash.ToString());
    }
}
