using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>The order reserved, written, journalled, stored; and what becomes of a piece when a step fails.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class JournalKeeperTests : StorageFixture
{
    private readonly TestContent _content = new(4L * 256.KiB(), 256.KiB());

    [Test]
    public async Task A_piece_is_stored_after_its_bytes_and_its_record_are_on_disk(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var piece = bed.Reserve(2);

        bed.Keeper.Write(piece);
        await bed.Outcome.WaitAsync(cancellationToken);

        Assert.That(bed.Outcome.Stored, Is.EqualTo(new[] { 2 }));
        Assert.That(bed.Outcome.RecordsThen, Is.EqualTo(new[] { 3L }), "header, torrent, put");
        var bytes = new byte[256.KiB()];
        Assert.That(bed.Slabs.Read(piece.Group!.Slots[0], 0, bytes), Is.EqualTo(bytes.Length));
        Assert.That(bytes.AsSpan().SequenceEqual(_content.Piece(2)));
    }

    [Test]
    public async Task Each_piece_is_recorded_once_and_the_end_leaves_what_is_true(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var first = bed.Reserve(0);
        bed.Keeper.Write(first);
        await bed.Outcome.WaitAsync(cancellationToken);
        bed.Keeper.Write(bed.Reserve(1));
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);
        Assert.That(bed.Outcome.RecordsThen, Is.EqualTo(new[] { 3L, 4L }), "header, torrent, put; put");

        bed.Drop(first);
        await bed.Keeper.FinishAsync(cancellationToken);

        Assert.That(bed.Journal.RecordCount, Is.EqualTo(3), "header, torrent, put");
        Assert.That(bed.Replay().Select(g => g.Group), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_piece_that_was_dropped_before_its_turn_is_not_written(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var dropped = bed.Reserve(0);
        dropped.State = RamState.Dropped;

        bed.Keeper.Write(dropped);
        bed.Keeper.Write(bed.Reserve(1));
        await bed.Keeper.FinishAsync(cancellationToken);

        Assert.That(bed.Outcome.Stored, Is.EqualTo(new[] { 1 }));
        Assert.That(bed.Outcome.NotStored, Is.Empty);
        Assert.That(bed.Replay().Select(g => g.Group), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_piece_that_its_slots_do_not_take_has_no_record_and_the_next_one_has(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var failing = bed.Reserve(0);
        failing.Group!.Slots = []; // writing to it throws

        bed.Keeper.Write(failing);
        await bed.Outcome.WaitAsync(cancellationToken);
        bed.Keeper.Write(bed.Reserve(1));
        await bed.Keeper.FinishAsync(cancellationToken);

        Assert.That(bed.Outcome.NotStored, Is.EqualTo(new[] { 0 }));
        Assert.That(bed.Outcome.Stored, Is.EqualTo(new[] { 1 }));
        Assert.That(bed.Replay().Select(g => g.Group), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_piece_that_the_journal_does_not_take_is_not_stored(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        bed.Journal.Dispose(); // appending to it throws

        bed.Keeper.Write(bed.Reserve(3));
        await bed.Outcome.WaitAsync(cancellationToken);

        Assert.That(bed.Outcome.NotStored, Is.EqualTo(new[] { 3 }));
        Assert.That(bed.Outcome.Stored, Is.Empty);
        Assert.That(bed.GrowthStopped, "nothing more is allocated until the next try");
    }

    [Test]
    public async Task Dropped_slots_are_gone_after_a_kill(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var piece = bed.Reserve(0);
        bed.Keeper.Write(piece);
        bed.Keeper.Write(bed.Reserve(1));
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);
        Assert.That(bed.Replay().Select(g => g.Group), Is.EquivalentTo(new[] { 0, 1 }));

        bed.Keeper.Record(JournalEntry.ForDropped(piece.Group!.Slots));
        bed.Keeper.Write(bed.Reserve(2)); // its record comes after the drop
        await bed.Outcome.WaitAsync(cancellationToken, count: 3);

        Assert.That(bed.Replay().Select(g => g.Group), Is.EquivalentTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task A_piece_whose_group_was_dropped_while_it_was_written_has_no_record(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var piece = bed.Reserve(0);
        bed.Unlink(piece);

        bed.Keeper.Write(piece);
        await bed.Outcome.WaitAsync(cancellationToken);

        Assert.That(bed.Replay(), Is.Empty, "the torrent was removed, say");
        Assert.That((bed.Index.PieceCount, bed.Index.LiveSlots), Is.EqualTo((0L, 0)));
    }

    [Test]
    public async Task A_piece_is_confirmed_when_it_is_stored_and_need_not_be_hashed_again(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var piece = bed.Reserve(0);

        bed.Keeper.Write(piece);
        await bed.Outcome.WaitAsync(cancellationToken);

        Assert.That(piece.Group!.Confirmed, Is.EqualTo(1UL));
    }

    // What doubts all pieces, a slab that became shorter, may have taken the bytes between their writing and their record.
    [Test]
    public async Task A_piece_that_was_written_before_all_were_doubted_is_stored_and_will_be_hashed_again(
        CancellationToken cancellationToken
    )
    {
        await using var bed = new Bed(Folder, _content);
        var (before, after) = (bed.Reserve(0), bed.Reserve(1));
        before.State = RamState.Writing;
        bed.DoubtAll();

        bed.Keeper.Record(JournalEntry.ForPiece(before));
        bed.Keeper.Write(after);
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);

        Assert.That(bed.Outcome.Stored, Is.EquivalentTo(new[] { 0, 1 }));
        Assert.That((before.Group!.Confirmed, after.Group!.Confirmed), Is.EqualTo((0UL, 1UL)));
    }

    // The first entry fills a batch alone, and the keeper needs the lock: what follows is batched with all of it in the queue.
    [TestCase(1021, 2048, 2049, Description = "1024 records with the torrent's name: the next piece comes with the next batch")]
    [TestCase(1020, 2048, 2048, Description = "one less: it comes with this one")]
    public async Task A_batch_ends_at_1024_records(int dropped, int records, int recordsOfNext, CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var (piece, next) = (bed.Reserve(0), bed.Reserve(1));

        bed.Together(() =>
        {
            bed.RecordMany(1024);
            bed.Keeper.Record(JournalEntry.ForPiece(piece));
            bed.RecordMany(dropped);
            bed.Keeper.Record(JournalEntry.ForPiece(next));
        });
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);

        Assert.That(bed.Outcome.RecordsThen, Is.EqualTo(new long[] { records, recordsOfNext }));
    }

    [Test]
    public async Task Who_waits_for_space_is_told_when_a_piece_is_stored(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var view = bed.RefuseSpace();
        Assert.That(bed.WaitsForSpace(view));

        bed.Keeper.Write(bed.Reserve(0));
        await bed.Outcome.WaitAsync(cancellationToken);

        Assert.That(bed.WaitsForSpace(view), Is.False, "what is stored may be evicted");
    }

    [Test]
    public async Task The_journal_of_the_end_has_what_was_read_again_too(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var piece = bed.Reserve(0);
        bed.Keeper.Write(piece);
        bed.Keeper.Write(bed.Reserve(1));
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);
        bed.ReadTwice(piece);

        await bed.Keeper.FinishAsync(cancellationToken);

        Assert.That(bed.Replay().Select(g => (g.Group, g.Flags)), Is.EquivalentTo(new[] { (0, JournalRecord.Reused), (1, (byte)0) }));
    }

    // Twice what a journal of these slots and torrents needs, and 4096. The last of the slots has no record yet.
    [TestCase(2, 3, 4104)]
    [TestCase(3, 1, 4104)]
    [TestCase(2, 1, 4102)]
    public async Task A_journal_is_replaced_when_it_is_longer_than_this(
        int slots,
        int torrents,
        int limit,
        CancellationToken cancellationToken
    )
    {
        foreach (var more in new[] { 0, 1 })
        {
            await using var bed = new Bed(Directory.CreateDirectory(Path.Combine(Folder, $"{more}")).FullName, _content, torrents);
            var pieces = Enumerable.Range(0, slots).Select(bed.Reserve).ToList();
            foreach (var piece in pieces.SkipLast(1))
            {
                bed.Keeper.Write(piece);
            }

            await bed.Outcome.WaitAsync(cancellationToken, count: slots - 1);
            var needed = 2 + slots - 1; // header, torrent, puts

            bed.RecordMany(limit - needed + more);
            bed.Keeper.Write(pieces[^1]);
            await bed.Outcome.WaitAsync(cancellationToken, count: slots);

            Assert.That(bed.Outcome.RecordsThen[^1], Is.EqualTo((more == 0 ? limit : needed) + 1));
            Assert.That(bed.Replay().Select(g => g.Group), Is.EquivalentTo(Enumerable.Range(0, slots)));
        }
    }

    [Test]
    public async Task A_piece_that_comes_after_a_journal_could_not_be_replaced_is_found_again(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        Directory.CreateDirectory(Path.Combine(Folder, "journal.tmp")); // no file can be made of this name
        bed.Keeper.Write(bed.Reserve(0));
        await bed.Outcome.WaitAsync(cancellationToken);

        bed.RecordMany(5000);
        bed.Keeper.Write(bed.Reserve(1));
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);

        Assert.That(bed.Outcome.RecordsThen[^1], Is.GreaterThan(5000), "it was not replaced");
        Assert.That(bed.Replay().Select(g => g.Group), Is.EquivalentTo(new[] { 0, 1 }));
    }

    // Written a second time, the drop would take the piece that has come into the slot since.
    [Test]
    public async Task A_drop_that_the_journal_did_not_take_is_recorded_once(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(Folder, _content);
        var dropped = bed.Reserve(0);
        bed.Keeper.Write(dropped);
        await bed.Outcome.WaitAsync(cancellationToken);
        var slots = dropped.Group!.Slots;
        var refused = bed.Reserve(3);
        bed.Drop(dropped);
        bed.Journal.Dispose(); // appending to it throws
        bed.Keeper.Record(JournalEntry.ForDropped(slots));
        bed.Keeper.Write(refused);
        await bed.Outcome.WaitAsync(cancellationToken, count: 2);
        Assert.That(bed.GrowthStopped);

        bed.MendJournal();
        var other = bed.Reserve(1);
        var next = bed.Reserve(2);
        Assert.That(next.Group!.Slots, Is.EqualTo(slots));
        bed.Keeper.Write(next);
        await bed.Outcome.WaitAsync(cancellationToken, count: 3);
        Assert.That(bed.Outcome.RecordsThen[^1], Is.EqualTo(4), "header, drop, torrent, put");
        bed.Keeper.Write(other);
        await bed.Outcome.WaitAsync(cancellationToken, count: 4);

        Assert.That(bed.Outcome.Stored, Is.EqualTo(new[] { 0, 2, 1 }));
        Assert.That(bed.Replay().Select(g => g.Group), Is.EquivalentTo(new[] { 1, 2 }));
    }

    private sealed class Bed : IAsyncDisposable
    {
        private readonly Lock _lock = new();
        private readonly string _folder;
        private readonly TestContent _content;
        private readonly CachedTorrent _torrent;
        private readonly ExtentPool _pool = new(16.MiB(), 0);
        private readonly DiskState _disk;
        private readonly SpaceWaiters _space;

        public Bed(string folder, TestContent content, int torrents = 1)
        {
            _folder = folder;
            _content = content;
            Index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), 100);
            Slabs = new SlabStore(folder, 256.KiB());
            Journal = SlabJournal.Create(folder, 256.KiB());
            Outcome = new RecordedOutcome(Index, Journal);
            _torrent = Index.GetOrAdd(content.Info.InfoHash);
            _torrent.Layout = new GroupLayout(content.Layout, 256.KiB());
            _disk = new DiskState(_lock, Index, TimeProvider.System, NullLogger.Instance, static () => { });
            for (var other = 1; other < torrents; other++)
            {
                Index.GetOrAdd(InfoHash.Compute([(byte)other]));
            }

            _space = new SpaceWaiters(_lock, Index, new PieceEventQueue(NullLogger.Instance), TimeProvider.System);
            Keeper = new JournalKeeper(
                _lock,
                Index,
                new GroupFiles(Slabs),
                Journal,
                new JournalWriter(256.KiB()),
                _disk,
                _space,
                Outcome,
                NullLogger.Instance
            );
        }

        public CacheIndex Index { get; }

        /// <summary>Under the lock: an outcome is told first, and the growth stopped before the lock is released.</summary>
        public bool GrowthStopped
        {
            get
            {
                lock (_lock)
                {
                    return Index.GrowthStopped;
                }
            }
        }

        public SlabStore Slabs { get; }

        public SlabJournal Journal { get; }

        public RecordedOutcome Outcome { get; }

        public JournalKeeper Keeper { get; }

        /// <summary>A verified piece with slots of its own.</summary>
        public RamPiece Reserve(int piece)
        {
            lock (_lock)
            {
                var group = Index.TryCreate(_torrent, piece, 1, SpaceNeed.Urgent, static _ => { })!;
                Index.BeginUse(group);
                var buffer = new PieceBuffer(_pool, _content.Layout.LengthOf(piece), 256.KiB());
                buffer.Write(0, _content.Piece(piece));
                return new RamPiece(_torrent, piece, group, buffer, spilled: false) { State = RamState.Waiting };
            }
        }

        /// <summary>Takes a stored piece out of the index; the journal is not told.</summary>
        public void Drop(RamPiece piece)
        {
            lock (_lock)
            {
                Index.Unlink(piece.Group!);
                Index.FreeIfUnused(piece.Group!);
            }
        }

        /// <summary>Takes a piece that is being written out of the index.</summary>
        public void Unlink(RamPiece piece)
        {
            lock (_lock)
            {
                Index.Unlink(piece.Group!);
            }
        }

        /// <summary>A reader used a piece, and again much later.</summary>
        public void ReadTwice(RamPiece piece)
        {
            lock (_lock)
            {
                Index.Touch(piece.Group!, now: 1, frequency: 1);
                Index.Touch(piece.Group!, now: 1000, frequency: 1);
            }
        }

        /// <summary>So many records that say nothing, as an entry that ends its batch.</summary>
        public void RecordMany(int count)
        {
            Keeper.Record(JournalEntry.ForDropped([.. Enumerable.Repeat(99, count)]));
        }

        /// <summary>The disk takes bytes again; what the journal said before is gone.</summary>
        public void MendJournal()
        {
            var records = new JournalWriter(256.KiB());
            records.AddHeader();
            Journal.Replace(records.Records);
            lock (_lock)
            {
                Keeper.RecordMissed();
                Index.RetrySetAside();
            }
        }

        /// <summary>A slab was found shorter than it was.</summary>
        public void DoubtAll()
        {
            lock (_lock)
            {
                Index.DoubtAll();
            }
        }

        /// <summary>Queues entries while the keeper cannot end a batch.</summary>
        public void Together(Action record)
        {
            lock (_lock)
            {
                record();
            }
        }

        /// <summary>A torrent that was refused space.</summary>
        public TorrentView RefuseSpace()
        {
            lock (_lock)
            {
                var view = new TorrentView(_lock, _torrent, _content.Info, new RecordedEvents());
                _space.RefuseSlots(view, SpaceNeed.Ahead, 1);
                return view;
            }
        }

        public bool WaitsForSpace(TorrentView view)
        {
            lock (_lock)
            {
                return view.WaitsForSpace;
            }
        }

        /// <summary>What a process that starts now would find.</summary>
        public List<ReplayedGroup> Replay()
        {
            var copy = Directory.CreateDirectory(Path.Combine(_folder, Path.GetRandomFileName())).FullName;
            File.Copy(Path.Combine(_folder, "journal"), Path.Combine(copy, "journal"));
            var replay = new JournalReplay();
            SlabJournal.Open(copy, replay.Apply, out _)!.Dispose();
            return replay.Finish(100);
        }

        public async ValueTask DisposeAsync()
        {
            await Keeper.FinishAsync(CancellationToken.None);
            await _disk.DisposeAsync();
            Slabs.Dispose();
        }
    }

    private sealed class RecordedOutcome(CacheIndex index, SlabJournal journal) : IWriteOutcome
    {
        private readonly SemaphoreSlim _happened = new(0);

        public List<int> Stored { get; } = [];

        public List<int> NotStored { get; } = [];

        public List<long> RecordsThen { get; } = [];

        private int Count { get; set; }

        public async Task WaitAsync(CancellationToken cancellationToken, int count = 1)
        {
            for (; Count < count; Count++)
            {
                await _happened.WaitAsync(cancellationToken);
            }
        }

        void IWriteOutcome.Stored(RamPiece piece)
        {
            Stored.Add(piece.Piece);
            RecordsThen.Add(journal.RecordCount);
            index.EndUse(piece.Group!);
            _happened.Release();
        }

        void IWriteOutcome.NotStored(RamPiece piece, Exception reason)
        {
            NotStored.Add(piece.Piece);
            piece.State = RamState.RamOnly;
            index.ClearStored(piece.Group!, piece.Torrent.Layout!.BitOf(piece.Piece));
            index.SetAsideIfEmpty(piece.Group!);
            index.EndUse(piece.Group!);
            _happened.Release();
        }
    }
}
