using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class ReaderTableTests
{
    private const int Pieces = 16;
    private const long Length = (long)Pieces * SwarmStand.PieceLength;
    private const long Second = MonotonicClock.Second;

    private SwarmStand _stand = null!;

    private ReaderTable Readers => _stand.Readers;

    [SetUp]
    public void Open()
    {
        _stand = new SwarmStand(
            Pieces,
            static o =>
            {
                o.ReadAhead = 2 * SwarmStand.PieceLength;
                o.ReadTimeout = TimeSpan.FromSeconds(10);
            }
        );
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _stand.DisposeAsync();
    }

    [Test]
    public void The_store_protects_the_window_of_a_reader_until_it_is_closed()
    {
        using var section = _stand.Enter();
        var reader = OpenAt(piece: 4, expected: 2 * SwarmStand.PieceLength);

        Assert.That(reader.Wanted, Is.EqualTo((4, 5)));
        var (first, last, position) = _stand.Pieces.Windows[reader.Id.Value];
        Assert.That((first <= 4, last, position), Is.EqualTo((true, 5, 4)), "what lies before is protected, too");

        Assert.That(Readers.Close(reader, 0));
        Assert.That(Readers.Close(reader, 0), Is.False);
        Assert.That(_stand.Pieces.Windows, Is.Empty);
        Assert.That(Readers.Count, Is.Zero);
    }

    [Test]
    public void A_piece_ends_the_waits_of_its_readers_and_of_no_others()
    {
        using var section = _stand.Enter();
        var first = Block(OpenAt(1), 1);
        var second = Block(OpenAt(1), 1);
        var other = Block(OpenAt(2), 2);

        Readers.Wake(1);

        Assert.That((first.IsCompletedSuccessfully, second.IsCompletedSuccessfully, other.IsCompleted), Is.EqualTo((true, true, false)));
    }

    [Test]
    public void A_wait_is_told_after_one_second_and_after_ten_and_its_end_is_told_once()
    {
        List<(SessionEventKind, long)> told = [];
        _stand.Services.Events.PassTo(e => told.Add((e.Kind, (long)e.Waited.TotalSeconds)));
        using var section = _stand.Enter();
        var reader = OpenAt(1);
        var wait = Block(reader, 1);
        var other = OpenAt(2);
        var shortWait = Block(other, 2);

        Readers.Check(0, Second - 1);
        var early = told.Count;
        Readers.Unblock(other, Second - 1);
        foreach (var seconds in Enumerable.Range(1, 9))
        {
            Readers.Check(0, seconds * Second);
        }

        var waits = told.ToArray();
        Readers.Check(0, 10 * Second);
        Readers.Unblock(reader, 11 * Second);
        Readers.Unblock(reader, 12 * Second);

        Assert.That((wait.IsCompleted, shortWait.IsCompleted, early), Is.EqualTo((false, false, 0)));
        Assert.That(waits, Is.EqualTo([(SessionEventKind.ReaderWaits, 1L)]));
        Assert.That(told.Skip(1), Is.EqualTo([(SessionEventKind.ReaderWaits, 10L), (SessionEventKind.ReaderGoesOn, 11L)]));
    }

    [Test]
    public void A_piece_that_never_comes_fails_its_readers_and_no_others()
    {
        using var section = _stand.Enter();
        var failed = Block(OpenAt(1), 1);
        var other = Block(OpenAt(2), 2);

        Readers.Fail(1, new TorrentException(TorrentFailure.NoSpace, "for the test"));

        Assert.That(FailureOf(failed), Is.EqualTo(TorrentFailure.NoSpace));
        Assert.That(other.IsCompleted, Is.False);
    }

    [Test]
    public void The_end_of_the_swarm_fails_who_waits_and_closes_all_readers()
    {
        using var section = _stand.Enter();
        var reader = OpenAt(1);
        var wait = Block(reader, 1);

        Readers.FailAll(new TorrentException(TorrentFailure.Removed, "for the test"));

        Assert.That(FailureOf(wait), Is.EqualTo(TorrentFailure.Removed));
        Assert.That(Readers.Contains(reader), Is.False);
    }

    // A reader at piece 4 with a window of two pieces; a block of this piece comes after 8 s.
    [TestCase(-1, 9, ExpectedResult = null, TestName = "A_wait_goes_on_until_its_time_is_over")]
    [TestCase(-1, 11, ExpectedResult = TorrentFailure.ReadTimeout, TestName = "A_wait_without_a_block_ends_when_its_time_is_over")]
    [TestCase(3, 11, ExpectedResult = TorrentFailure.ReadTimeout, TestName = "A_block_before_the_window_is_no_progress")]
    [TestCase(4, 11, ExpectedResult = null, TestName = "A_block_of_the_first_piece_of_the_window_is_progress")]
    [TestCase(5, 11, ExpectedResult = null, TestName = "A_block_of_the_last_piece_of_the_window_is_progress")]
    [TestCase(6, 11, ExpectedResult = TorrentFailure.ReadTimeout, TestName = "A_block_after_the_window_is_no_progress")]
    [TestCase(4, 19, ExpectedResult = TorrentFailure.ReadTimeout, TestName = "A_wait_without_another_block_ends_later")]
    public TorrentFailure? A_wait(int block, int seconds)
    {
        using var section = _stand.Enter();
        var wait = Block(OpenAt(piece: 4, expected: 2 * SwarmStand.PieceLength), 4);
        if (block >= 0)
        {
            Readers.NoteProgress(block, 8 * Second);
        }

        Readers.Check(peers: 1, seconds * Second);

        return wait.IsCompleted ? FailureOf(wait) : null;
    }

    [Test]
    public async Task A_check_lets_the_window_of_a_reader_grow_that_reads_nothingAsync()
    {
        const int Many = 64;
        await using var stand = new SwarmStand(Many, static o => o.ReadAhead = 40 * SwarmStand.PieceLength);
        CheckTwice(stand, Many * SwarmStand.PieceLength);
    }

    private static void CheckTwice(SwarmStand stand, long length)
    {
        using var section = stand.Enter();
        var reader = stand.Readers.Open(0, length, 0, expected: null, now: 0);
        reader.Window.Read(0, 16 * SwarmStand.PieceLength, 0);
        stand.Readers.Moved(reader, 0);
        var (first, last) = reader.Wanted;

        stand.Readers.Check(0, (5 * Second) - 1);
        Assert.That(reader.Wanted, Is.EqualTo((first, last)));
        stand.Readers.Check(0, 5 * Second);

        Assert.That(reader.Wanted, Is.EqualTo((first, last + 1)));
        Assert.That(stand.Pieces.Windows[reader.Id.Value].Last, Is.EqualTo(last + 1), "the store knows");
    }

    [Test]
    public void Progress_reaches_every_reader_of_the_piece_also_with_many_blocks_at_once()
    {
        using var section = _stand.Enter();
        var (a, b) = (OpenAt(4), OpenAt(8));
        foreach (var piece in (int[])[4, 4, 8, 8, 4])
        {
            Readers.NoteProgress(piece, 5 * Second);
        }

        Assert.That((a.ProgressAt, b.ProgressAt), Is.EqualTo((5 * Second, 5 * Second)));

        Readers.NoteProgress(4, 6 * Second);

        Assert.That((a.ProgressAt, b.ProgressAt), Is.EqualTo((6 * Second, 5 * Second)));
    }

    [Test]
    public void A_check_ends_the_wait_for_a_piece_that_is_here()
    {
        using var section = _stand.Enter();
        var wait = Block(OpenAt(1), 1);
        _stand.Pieces.Here.Add(1);

        Readers.Check(peers: 1, Second);

        Assert.That(wait.IsCompletedSuccessfully);
    }

    [TestCase(0, 0, ExpectedResult = true)]
    [TestCase(2, 1, ExpectedResult = false)]
    [TestCase(2, 2, ExpectedResult = true)]
    public bool A_reader_is_starved_when_it_has_waited_for_so_long(int patience, int waited)
    {
        using var section = _stand.Enter();
        var reader = OpenAt(1);
        Assert.That(Readers.IsStarved(0, 0), Is.False, "it does not wait");
        var wait = Block(reader, 1);

        var isStarved = Readers.IsStarved(patience * Second, waited * Second);

        Readers.Unblock(reader, waited * Second);
        Assert.That(Readers.IsStarved(0, waited * Second), Is.False);
        Assert.That(wait.IsCompleted, Is.False);
        return isStarved;
    }

    private ReaderDemand OpenAt(int piece, long? expected = SwarmStand.PieceLength)
    {
        return Readers.Open(0, Length, (long)piece * SwarmStand.PieceLength, expected, now: 0);
    }

    private Task Block(ReaderDemand reader, int piece)
    {
        return Readers.Block(reader, piece, (long)piece * SwarmStand.PieceLength, now: 0);
    }

    private static TorrentFailure? FailureOf(Task wait)
    {
        return (wait.Exception?.InnerException as TorrentException)?.Failure;
    }
}
