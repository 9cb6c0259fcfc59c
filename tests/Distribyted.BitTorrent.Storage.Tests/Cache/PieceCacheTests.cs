using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

[TestFixture, CancelAfter(60_000)]
internal sealed class PieceCacheTests : StorageFixture
{
    [TestCase(1024, 1_000_000)]
    [TestCase(16 * 1024, 1_000_000)]
    [TestCase(48 * 1024, 1_000_001)]
    [TestCase(256 * 1024, 3_000_000)]
    [TestCase(1536 * 1024, 5_000_000)]
    [TestCase(4 * 1024 * 1024, 9_000_000)]
    [TestCase(256 * 1024, (256 * 1024 * 3) + 16384 + 1)]
    public async Task What_is_filled_is_read_back_before_and_after_a_restart(
        int pieceLength,
        int length,
        CancellationToken cancellationToken
    )
    {
        var content = new TestContent(length, pieceLength);
        var options = Options(64.MiB());
        var events = new RecordedEvents();
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            using var pieces = cache.Attach(content.Info, events);
            for (var piece = 0; piece < content.Layout.PieceCount; piece++)
            {
                var open = pieces.TryOpen(piece, urgent: true).Piece;
                while (open is null)
                {
                    var before = events.SpaceFreedCount;
                    open = pieces.TryOpen(piece, urgent: true).Piece;
                    if (open is null)
                    {
                        await events.WaitForAsync(e => e.SpaceFreedCount > before, cancellationToken);
                    }
                }

                Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
                Assert.That(pieces.Has(piece));
                Assert.That(await content.ReadsTrueAsync(pieces, piece, cancellationToken));
            }

            await events.WaitForAsync(e => e.Stored.Length == content.Layout.PieceCount, cancellationToken);
            Assert.That(pieces.StoredCount, Is.EqualTo(content.Layout.PieceCount));
            Assert.That(cache.Usage.Items, Is.EqualTo(content.Layout.PieceCount));
            Assert.That(cache.Usage.Filled, Is.EqualTo(length));
            Assert.That(cache.Pool.PieceMemoryUsed, Is.Zero);
        }

        await using var again = await OpenAsync(options, cancellationToken);
        Assert.That(again.HasPieces(content.Info.InfoHash));
        var whenClosed = StoredOf(again, content);
        using var found = again.Attach(content.Info, events);
        var whenOpen = new byte[whenClosed.Length];
        found.CopyStored(whenOpen);
        Assert.That(whenClosed, Is.EqualTo(whenOpen).And.EqualTo(StoredOf(again, content)), "asking does not open the torrent");
        Assert.That(found.StoredCount, Is.EqualTo(content.Layout.PieceCount));
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            Assert.That(await content.ReadsTrueAsync(found, piece, cancellationToken));
        }

        Assert.That(again.Usage.Filled, Is.EqualTo(length));
    }

    [TestCase(0)]
    [TestCase(300_000)]
    public async Task Pieces_whose_slab_became_shorter_are_gone_and_are_fetched_again(int left, CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 256.KiB());
        var options = Options(64.MiB());
        var events = new RecordedEvents();
        await using var cache = await OpenAsync(options, cancellationToken);
        using var pieces = cache.Attach(content.Info, events);
        await FillAllAsync(content, pieces, events, cancellationToken);
        using (var slab = new FileStream(Path.Combine(options.Folder, "slab-0000"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            slab.SetLength(left);
        }

        var read = 0;
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            read += await content.ReadsTrueAsync(pieces, piece, cancellationToken) ? 1 : 0;
        }

        Assert.That(read, Is.EqualTo(left / 256.KiB()));
        Assert.That(pieces.StoredCount, Is.EqualTo(read), "what cannot be read is not claimed");
        await events.WaitForAsync(e => e.Gone.Length == content.Layout.PieceCount - read, cancellationToken);
        foreach (var piece in events.Gone)
        {
            Assert.That(content.Fill(pieces.TryOpen(piece, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
            Assert.That(await content.ReadsTrueAsync(pieces, piece, cancellationToken));
        }
    }

    [Test, Platform("Linux")]
    public void Slabs_on_btrfs_are_overwritten_in_place()
    {
        Assume.That(new DriveInfo(Folder).DriveFormat, Is.EqualTo("btrfs"), "set TMPDIR to a folder on btrfs");
        using var slabs = new SlabStore(Folder, 256.KiB());

        slabs.Write(0, 0, new byte[1000]);

        Assert.That(CopyOnWrite.IsAvoided(slabs.Locate(0).File));
    }

    [Test]
    public async Task A_slab_that_fails_with_an_error_that_is_not_expected_stops_no_writer(CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 256.KiB());
        var options = Options(64.MiB());
        Directory.CreateDirectory(options.Folder);
        var journal = SlabJournal.Create(options.Folder, 256.KiB());
        var budget = new DiskBudget(options.Size, DiskBudget.MeasureDiskOf(options.Folder));
        var index = new CacheIndex(budget, 256.KiB(), 100);
        var unusable = new SlabStore("no path has a \0", 256.KiB()); // ArgumentException, whatever is done with it
        var log = new RecordingLog();
        var cache = new PieceCache(options, unusable, journal, new JournalWriter(256.KiB()), index, TimeProvider.System, log);
        using (var pieces = cache.Attach(content.Info, new RecordedEvents()))
        {
            for (var piece = 0; piece < content.Layout.PieceCount; piece++)
            {
                Assert.That(content.Fill(pieces.TryOpen(piece, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
            }

            await log.WaitForAsync(1602, cancellationToken); // the disk takes no more: pieces live in memory
            Assert.That(await content.ReadsTrueAsync(pieces, 0, cancellationToken));
        }

        await cache.DisposeAsync(); // waits for its writers: none of them has failed
        Assert.That(log.Count(1609), Is.Zero, log.All);
    }

    [Test]
    public async Task An_error_that_is_not_expected_does_not_end_the_journal_keeper(CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 256.KiB());
        var time = new FaultyClock();
        var events = new RecordedEvents();
        var log = new RecordingLog();
        await using var cache = await PieceCache.OpenAsync(Options(64.MiB()), time, log, cancellationToken);
        using var pieces = cache.Attach(content.Info, events);
        time.IsFaulty = true;
        content.Fill(pieces.TryOpen(0, urgent: true).Piece!);
        await log.WaitForAsync(1095, cancellationToken);

        time.IsFaulty = false;
        content.Fill(pieces.TryOpen(1, urgent: true).Piece!);

        await events.WaitForAsync(e => e.Stored.Contains(1), cancellationToken);
    }

    [Test]
    public async Task A_piece_larger_than_its_memory_spills_and_is_whole(CancellationToken cancellationToken)
    {
        var content = new TestContent(80.MiB(), 64.MiB());
        var events = new RecordedEvents();
        var options = Options(128L << 20, pieceMemory: 32.MiB());
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            using var pieces = cache.Attach(content.Info, events);

            var open = pieces.TryOpen(0, urgent: false).Piece!;
            var reserved = cache.Pool.PieceMemoryUsed;
            Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
            Assert.That(await content.ReadsTrueAsync(pieces, 0, cancellationToken));
            await events.WaitForAsync(e => e.Stored.Contains(0), cancellationToken);

            Assert.That(reserved, Is.LessThanOrEqualTo(4.MiB() + 256.KiB()));
            Assert.That(cache.Pool.Allocated, Is.LessThanOrEqualTo(1.MiB()));
        }

        await using var again = await OpenAsync(options, cancellationToken);
        using var found = again.Attach(content.Info, events);
        Assert.That(await content.ReadsTrueAsync(found, 0, cancellationToken));
    }

    [Test]
    public async Task A_liar_in_a_piece_that_spilled_is_named_after_the_true_piece(CancellationToken cancellationToken)
    {
        var content = new TestContent(6.MiB(), 6.MiB());
        await using var cache = await OpenAsync(Options(64.MiB(), pieceMemory: 16.MiB()), cancellationToken);
        using var pieces = cache.Attach(content.Info, new RecordedEvents());
        var open = pieces.TryOpen(0, urgent: false).Piece!;
        var wrong = content.BlockOf(0, 5).ToArray();
        wrong[77] ^= 1;

        var progress = PieceProgress.Filling;
        for (var block = 0; block < content.Layout.BlockCountOf(0); block++)
        {
            progress = open.Fill(block, block == 5 ? wrong : content.BlockOf(0, block), block == 5 ? 66 : 10);
        }

        Assert.That(progress, Is.EqualTo(PieceProgress.Failed));
        Assert.That(open.Sources, Is.EquivalentTo(new[] { 10L, 66L }));
        Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
        Assert.That(open.Liars, Is.EqualTo(new[] { 66L }));
    }

    [Test]
    public async Task A_piece_that_can_never_fit_is_refused_with_both_sizes(CancellationToken cancellationToken)
    {
        var content = new TestContent(64.MiB(), 64.MiB());
        await using var cache = await OpenAsync(Options(64.MiB()), cancellationToken);
        using var pieces = cache.Attach(content.Info, new RecordedEvents());

        var refused = pieces.TryOpen(0, urgent: true);

        Assert.That(refused.NeverFits);
        Assert.That(refused, Is.EqualTo(new PieceOpening(null, 67108864, cache.Usage.Capacity)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_flipped_bit_is_found_at_the_first_read_and_the_piece_is_gone(bool clean, CancellationToken cancellationToken)
    {
        var content = new TestContent(4.MiB(), 512.KiB());
        var options = Options(64.MiB());
        var copy = Path.Combine(Folder, "copy");
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            var events = new RecordedEvents();
            using var pieces = cache.Attach(content.Info, events);
            await FillAllAsync(content, pieces, events, cancellationToken);
            if (!clean)
            {
                Copy(options.Folder, Path.Combine(copy, "pieces"));
            }
        }

        if (clean)
        {
            Copy(options.Folder, Path.Combine(copy, "pieces"));
        }

        using (var slab = File.OpenHandle(Path.Combine(copy, "pieces", "slab-0000"), FileMode.Open, FileAccess.ReadWrite))
        {
            Span<byte> one = stackalloc byte[1];
            RandomAccess.Read(slab, one, 700_000);
            one[0] ^= 4;
            RandomAccess.Write(slab, one, 700_000);
        }

        var after = new RecordedEvents();
        await using var again = await OpenAsync(Options(64.MiB(), folder: copy), cancellationToken);
        using var found = again.Attach(content.Info, after);
        Assert.That(found.StoredCount, Is.EqualTo(8), "nothing is hashed before it is asked for");
        var wrong = new List<int>();
        for (var piece = 0; piece < 8; piece++)
        {
            if (!await content.ReadsTrueAsync(found, piece, cancellationToken))
            {
                wrong.Add(piece);
            }
        }

        await after.WaitForAsync(e => e.Gone.Length == 1, cancellationToken);
        Assert.That(wrong, Is.EqualTo(after.Gone));
        Assert.That(found.IsStored(wrong[0]), Is.False);
        Assert.That(content.Fill(found.TryOpen(wrong[0], urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
        Assert.That(await content.ReadsTrueAsync(found, wrong[0], cancellationToken));
    }

    [Test]
    public async Task What_was_told_to_be_stored_is_there_after_a_crash_at_any_moment(CancellationToken cancellationToken)
    {
        var content = new TestContent(24.MiB(), 96.KiB());
        var options = Options(64.MiB());
        await using var cache = await OpenAsync(options, cancellationToken);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        var filling = FillAllAsync(content, pieces, events, cancellationToken);
        for (var crash = 0; crash < 6; crash++)
        {
            var goal = (crash + 1) * content.Layout.PieceCount / 8;
            await events.WaitForAsync(e => e.Stored.Length >= goal, cancellationToken);
            var stored = events.Stored;
            var copy = Path.Combine(Folder, "crash-" + crash);
            // The journal first: a copy is not one moment, and a slot is always written before its record.
            Directory.CreateDirectory(Path.Combine(copy, "pieces"));
            File.Copy(Path.Combine(options.Folder, "journal"), Path.Combine(copy, "pieces", "journal"));
            File.Copy(Path.Combine(options.Folder, "slab-0000"), Path.Combine(copy, "pieces", "slab-0000"));

            await using var again = await OpenAsync(Options(64.MiB(), folder: copy), cancellationToken);
            using var found = again.Attach(content.Info, new RecordedEvents());
            foreach (var piece in stored)
            {
                Assert.That(found.IsStored(piece), $"piece {piece} was stored before crash {crash}");
                Assert.That(await content.ReadsTrueAsync(found, piece, cancellationToken));
            }
        }

        await filling;
    }

    [Test]
    public async Task A_smaller_limit_keeps_what_was_used_last(CancellationToken cancellationToken)
    {
        var content = new TestContent(60.MiB(), 1.MiB());
        await using (var cache = await OpenAsync(Options(64.MiB()), cancellationToken))
        {
            var events = new RecordedEvents();
            using var pieces = cache.Attach(content.Info, events);
            await FillAllAsync(content, pieces, events, cancellationToken);
            for (var piece = 5; piece < 20; piece++)
            {
                pieces.Touch(piece);
            }
        }

        await using var smaller = await OpenAsync(Options(20.MiB()), cancellationToken);
        using var found = smaller.Attach(content.Info, new RecordedEvents());

        Assert.That(SizeOf(Path.Combine(Folder, "pieces")), Is.LessThanOrEqualTo(20.MiB()));
        Assert.That(found.StoredCount, Is.EqualTo(smaller.Usage.Capacity / 1.MiB()));
        for (var piece = 0; piece < 60; piece++)
        {
            Assert.That(found.IsStored(piece), Is.EqualTo(await content.ReadsTrueAsync(found, piece, cancellationToken)));
        }

        Assert.That(Enumerable.Range(5, 15).All(found.IsStored));
    }

    [Test]
    public async Task Removing_a_torrent_frees_everything_even_after_a_restart(CancellationToken cancellationToken)
    {
        var content = new TestContent(3.MiB(), 300_000);
        await using (var cache = await OpenAsync(Options(64.MiB()), cancellationToken))
        {
            var events = new RecordedEvents();
            var pieces = cache.Attach(content.Info, events);
            await FillAllAsync(content, pieces, events, cancellationToken);
            cache.Remove(content.Info.InfoHash);
            await events.WaitForAsync(e => e.Gone.Length == content.Layout.PieceCount, cancellationToken);
            pieces.Dispose();

            Assert.That(cache.Usage.Items, Is.Zero);
            Assert.That(cache.HasPieces(content.Info.InfoHash), Is.False);
        }

        await using var again = await OpenAsync(Options(64.MiB()), cancellationToken);
        Assert.That(again.Usage.Items, Is.Zero);
    }

    [Test]
    public async Task Windows_and_pins_protect_and_an_urgent_reader_still_gets_space(CancellationToken cancellationToken)
    {
        var content = new TestContent(40.MiB(), 1.MiB());
        await using var cache = await OpenAsync(Options(12.MiB()), cancellationToken);
        var fits = (int)(cache.Usage.Capacity / 1.MiB());
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        pieces.SetWindow(1, 0, fits - 1);
        for (var piece = 0; piece < fits; piece++)
        {
            Assert.That(content.Fill(pieces.TryOpen(piece, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
        }

        await events.WaitForAsync(e => e.Stored.Length == fits, cancellationToken);
        pieces.Pin(fits - 1);

        Assert.That(pieces.TryOpen(30, urgent: false).Piece, Is.Null, "all is inside a window");
        var open = pieces.TryOpen(30, urgent: true).Piece;
        Assert.That(open, Is.Not.Null);
        await events.WaitForAsync(e => e.Gone.Length == 1, cancellationToken);
        Assert.That(events.Gone, Is.EqualTo(new[] { fits - 2 }), "the farthest that is not pinned");

        Assert.That(pieces.TryOpen(31, urgent: false).Piece, Is.Null);
        var freed = events.SpaceFreedCount;
        pieces.SetWindow(1, 2, fits - 1);
        await events.WaitForAsync(e => e.SpaceFreedCount > freed, cancellationToken);
        Assert.That(pieces.TryOpen(31, urgent: false).Piece, Is.Not.Null);
        await events.WaitForAsync(e => e.Gone.Length == 2, cancellationToken);
        Assert.That(events.Gone[1], Is.EqualTo(0));
    }

    [Test]
    public async Task Who_waits_longest_gets_space_although_others_take_every_slot_that_becomes_free(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var big = new TestContent(8.MiB(), 4.MiB());
        var small = new TestContent(60.MiB(), 256.KiB(), seed: 2);
        await using var cache = await OpenAsync(Options(12.MiB()), cancellationToken, time);
        var events = new RecordedEvents();
        using var waiting = cache.Attach(big.Info, new RecordedEvents());
        using var busy = cache.Attach(small.Info, events);
        waiting.SetWindow(1, 0, 0, 0);
        busy.SetWindow(1, 0, 0, 0);
        var open = new Queue<OpenPiece>();
        var next = 0;
        while (busy.TryOpen(next, urgent: true).Piece is { } piece)
        {
            open.Enqueue(piece);
            next++;
        }

        OpenPiece? granted = null;
        for (var round = 0; round < 60 && granted is null; round++)
        {
            granted = waiting.TryOpen(0, urgent: true).Piece;
            time.Advance(TimeSpan.FromMilliseconds(100));
            if (open.TryDequeue(out var oldest))
            {
                small.Fill(oldest);
                await events.WaitForAsync(e => e.Stored.Contains(oldest.Piece), cancellationToken);
            }

            if (busy.TryOpen(next, urgent: true).Piece is { } another)
            {
                open.Enqueue(another);
                next++;
            }
        }

        Assert.That(granted, Is.Not.Null);
        while (open.TryDequeue(out var rest))
        {
            rest.Discard();
        }

        Assert.That(busy.TryOpen(next, urgent: true).Piece, Is.Not.Null, "and then the others go on");
    }

    [Test]
    public async Task A_reader_that_has_waited_long_gets_the_space_of_one_that_pauses(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var content = new TestContent(40.MiB(), 1.MiB());
        var other = new TestContent(8.MiB(), 1.MiB(), seed: 2);
        await using var cache = await OpenAsync(Options(12.MiB()), cancellationToken, time);
        var fits = (int)(cache.Usage.Capacity / 1.MiB());
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        using var waiting = cache.Attach(other.Info, new RecordedEvents());
        for (var piece = 0; piece < fits; piece++)
        {
            pieces.SetWindow(piece, piece, piece, piece); // a reader in every piece
            content.Fill(pieces.TryOpen(piece, urgent: true).Piece!);
        }

        await events.WaitForAsync(e => e.Stored.Length == fits, cancellationToken);
        waiting.SetWindow(1, 0, 0, 0);
        Assert.That(waiting.TryOpen(0, urgent: true).Piece, Is.Null);

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(waiting.TryOpen(0, urgent: true).Piece, Is.Not.Null);
        await events.WaitForAsync(e => e.SpaceDemands.Length > 0, cancellationToken);
    }

    [Test]
    public async Task What_lies_behind_readers_goes_before_what_lies_ahead_when_windows_fill_the_cache(CancellationToken cancellationToken)
    {
        var content = new TestContent(40.MiB(), 1.MiB());
        await using var cache = await OpenAsync(Options(12.MiB()), cancellationToken);
        var fits = (int)(cache.Usage.Capacity / 1.MiB());
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        pieces.SetWindow(1, 0, 39);
        for (var piece = 0; piece < fits; piece++)
        {
            Assert.That(content.Fill(pieces.TryOpen(piece, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
        }

        await events.WaitForAsync(e => e.Stored.Length == fits, cancellationToken);
        for (var piece = 0; piece < 4; piece++)
        {
            pieces.Touch(piece);
        }

        for (var piece = fits; piece < fits + 3; piece++)
        {
            var open = pieces.TryOpen(piece, urgent: false).Piece;
            Assert.That(open, Is.Not.Null, "read-ahead may take what was read");
            Assert.That(content.Fill(open!), Is.EqualTo(PieceProgress.Verified));
        }

        Assert.That(pieces.TryOpen(fits + 3, urgent: false).Piece, Is.Null, "the reader is at piece 3, and all else lies ahead of it");
        await events.WaitForAsync(e => e.Gone.Length == 3, cancellationToken);
        Assert.That(events.Gone, Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public async Task A_full_disk_leaves_pieces_readable_in_memory_and_is_tried_again(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs a file that refuses bytes as Unix does");
        }

        var time = new FakeTimeProvider();
        var log = new RecordingLog();
        var content = new TestContent(8.MiB(), 1.MiB());
        await using var cache = await PieceCache.OpenAsync(Options(64.MiB()), time, log, cancellationToken);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        Directory.CreateDirectory(Path.Combine(Folder, "pieces", "slab-0000")); // a folder takes no bytes

        Assert.That(content.Fill(pieces.TryOpen(0, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
        await log.WaitForAsync(1602, cancellationToken);
        pieces.SetWindow(1, 0, 7);
        Assert.That(content.Fill(pieces.TryOpen(1, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified), "streaming goes on");
        Assert.That(await content.ReadsTrueAsync(pieces, 0, cancellationToken));
        Assert.That(pieces.IsStored(0), Is.False);

        Directory.Delete(Path.Combine(Folder, "pieces", "slab-0000"));
        await Waiting.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(61)); // again and again: the writer may set its pause only now
                return events.Stored.Length == 2;
            },
            () => log.All,
            cancellationToken
        );

        Assert.That(await content.ReadsTrueAsync(pieces, 0, cancellationToken));
        Assert.That(events.Gone, Is.Empty);
    }

    [Test]
    public async Task A_long_piece_that_the_disk_does_not_take_is_given_up_until_it_does(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var content = new TestContent(6.MiB(), 6.MiB());
        var options = Options(64.MiB(), pieceMemory: 16.MiB());
        await using var cache = await OpenAsync(options, cancellationToken, time);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        var slab = Path.Combine(options.Folder, "slab-0000");
        Forbid(slab);

        var open = pieces.TryOpen(0, urgent: true).Piece!;
        var progress = PieceProgress.Filling;
        for (var block = 0; progress == PieceProgress.Filling; block++)
        {
            progress = open.Fill(block, content.BlockOf(0, block), 1);
        }

        open.Discard();

        Assert.That(progress, Is.EqualTo(PieceProgress.RefusedByDisk));
        Assert.That(open.Sources, Is.Empty);
        Assert.That(cache.Pool.PieceMemoryUsed, Is.Zero);
        Assert.That(pieces.TryOpen(0, urgent: true).Piece, Is.Null, "slots that took nothing are not offered again");

        Directory.Delete(slab);
        var freed = events.SpaceFreedCount;
        await Waiting.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(61)); // again and again: the writer may set its pause only now
                return events.SpaceFreedCount > freed;
            },
            static () => "no space was freed",
            cancellationToken
        );
        Assert.That(content.Fill(pieces.TryOpen(0, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
        await events.WaitForAsync(e => e.Stored.Contains(0), cancellationToken);
    }

    [Test]
    public async Task A_slab_that_may_not_be_opened_costs_its_pieces_and_nothing_else(CancellationToken cancellationToken)
    {
        var content = new TestContent(2.MiB(), 1.MiB());
        var options = Options(64.MiB());
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            var events = new RecordedEvents();
            using var pieces = cache.Attach(content.Info, events);
            await FillAllAsync(content, pieces, events, cancellationToken);
        }

        await using var again = await OpenAsync(options, cancellationToken);
        var told = new RecordedEvents();
        using var found = again.Attach(content.Info, told);
        Forbid(Path.Combine(options.Folder, "slab-0000"));

        Assert.That(await content.ReadsTrueAsync(found, 0, cancellationToken), Is.False);
        Assert.That(await content.ReadsTrueAsync(found, 1, cancellationToken), Is.False);
        await told.WaitForAsync(e => e.Gone.Length == 2, cancellationToken);

        Assert.That(again.Usage.Items, Is.Zero);
    }

    [Test, Platform("Linux")]
    public async Task What_the_journal_took_after_it_was_full_is_there_after_a_crash(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var log = new RecordingLog();
        var content = new TestContent(2.MiB(), 1.MiB());
        var options = Options(64.MiB());
        await using var cache = await PieceCache.OpenAsync(options, time, log, cancellationToken);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        using (FullDisk.Of(Path.Combine(options.Folder, "journal")))
        {
            Assert.That(content.Fill(pieces.TryOpen(0, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
            await log.WaitForAsync(1602, cancellationToken);
        }

        time.Advance(TimeSpan.FromSeconds(61));
        await events.WaitForAsync(e => e.Stored.Contains(0), cancellationToken);

        await using var again = await OpenCrashedAsync(options, cancellationToken);
        using var found = again.Attach(content.Info, new RecordedEvents());
        Assert.That(await content.ReadsTrueAsync(found, 0, cancellationToken));
    }

    [Test, Platform("Linux")]
    public async Task A_torrent_that_was_removed_while_the_journal_was_full_does_not_come_back(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var log = new RecordingLog();
        var content = new TestContent(2.MiB(), 1.MiB());
        var options = Options(64.MiB());
        await using var cache = await PieceCache.OpenAsync(options, time, log, cancellationToken);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        await FillAllAsync(content, pieces, events, cancellationToken);
        using (FullDisk.Of(Path.Combine(options.Folder, "journal")))
        {
            cache.Remove(content.Info.InfoHash);
            await log.WaitForAsync(1602, cancellationToken);
        }

        time.Advance(TimeSpan.FromSeconds(61));
        await log.WaitForAsync(1603, cancellationToken);

        await using var again = await OpenCrashedAsync(options, cancellationToken);
        Assert.That(again.Usage.Items, Is.Zero);
    }

    /// <summary>A cache as it would be found if this process ended now.</summary>
    private Task<PieceCache> OpenCrashedAsync(CacheOptions options, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(Folder, "crashed");
        Copy(options.Folder, Path.Combine(copy, "pieces"));
        return OpenAsync(Options(options.Size, folder: copy), cancellationToken);
    }

    private static async Task FillAllAsync(
        TestContent content,
        ITorrentPieces pieces,
        RecordedEvents events,
        CancellationToken cancellationToken
    )
    {
        pieces.SetWindow(99, 0, content.Layout.PieceCount - 1); // else a disk that is slow for a moment costs pieces
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            while (true)
            {
                var before = events.SpaceFreedCount;
                if (pieces.TryOpen(piece, urgent: true).Piece is { } open)
                {
                    Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
                    break;
                }

                await events.WaitForAsync(e => e.SpaceFreedCount > before, cancellationToken);
            }
        }

        await events.WaitForAsync(e => e.Stored.Length == content.Layout.PieceCount, cancellationToken);
        pieces.ClearWindow(99);
    }

    /// <summary>Opening this file is refused with UnauthorizedAccessException from now on, to root too.</summary>
    private static void Forbid(string path)
    {
        File.Delete(path);
        Directory.CreateDirectory(path);
    }

    private static byte[] StoredOf(PieceCache cache, TestContent content)
    {
        var bits = new byte[(content.Layout.PieceCount + 7) / 8];
        cache.CopyStored(content.Info, bits);
        return bits;
    }

    private sealed class FaultyClock : FakeTimeProvider
    {
        private volatile bool _isFaulty;

        public bool IsFaulty
        {
            get => _isFaulty;
            set => _isFaulty = value;
        }

        public override long GetTimestamp()
        {
            return IsFaulty ? throw new NotSupportedException("for the test") : base.GetTimestamp();
        }
    }
}
