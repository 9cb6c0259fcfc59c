namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class DemandTests
{
    private const int Piece = SchedulerParts.Piece;

    [TestCase(0, 1, 0, 1)]
    [TestCase(0, Piece, 0, 1)]
    [TestCase(0, Piece + 1, 0, 2)]
    [TestCase(Piece - 1, 1, 0, 1)]
    [TestCase(Piece - 1, 2, 0, 2)]
    [TestCase(Piece, 0, 0, 0, Description = "nothing")]
    [TestCase(9 * Piece, 5000, 9, 10, Description = "cut off at the end of the torrent")]
    [TestCase((9 * Piece) + 100, 5000, 0, 0, Description = "past the end")]
    [TestCase(-100, Piece + 101, 0, 2, Description = "cut off at the start")]
    public void A_window_is_the_pieces_that_it_touches(long position, long window, int first, int end)
    {
        var reader = new SchedulerParts().Read(position, window);

        Assert.That((reader.First, reader.End), Is.EqualTo((first, end)));
    }

    [Test]
    public void What_is_in_a_window_and_not_here_is_wanted()
    {
        var parts = new SchedulerParts();
        parts.Read(2 * Piece, 2 * Piece, id: 1);
        parts.Read(7 * Piece, Piece, id: 2);
        parts.Demand.Available.Add(3);

        Assert.That(Enumerable.Range(0, 10).Where(parts.Demand.IsInWindow), Is.EqualTo(new[] { 2, 3, 7 }));
        Assert.That(Enumerable.Range(0, 10).Where(parts.Demand.IsWanted), Is.EqualTo(new[] { 2, 7 }));
        Assert.That(Enumerable.Range(0, 10).Where(piece => Wants(parts, piece)), Is.EqualTo(new[] { 2, 7 }));
        Assert.That(parts.Demand.Remove(new ReaderId(2)), "piece 7 is not here");
        Assert.That(parts.Demand.IsWanted(7), Is.False);
        Assert.That(parts.Demand.Remove(new ReaderId(2)), Is.False, "it is gone");
    }

    [Test]
    public void What_must_be_looked_at_again_after_a_reader_has_changed()
    {
        var parts = new SchedulerParts();
        Assert.That(Changes(parts, () => parts.Read(0, Piece)), Is.EqualTo((true, true)), "a new reader");
        Assert.That(Changes(parts, () => parts.Read(0, Piece)), Is.EqualTo((false, false)), "nothing changed");
        Assert.That(Changes(parts, () => parts.Read(10, Piece - 10)), Is.EqualTo((false, false)), "the same pieces");
        Assert.That(Changes(parts, () => parts.Read(10, Piece - 10, blocked: false)), Is.EqualTo((false, true)), "no read waits any more");
        Assert.That(Changes(parts, () => parts.Read(10, Piece)), Is.EqualTo((true, true)), "one more piece");
        Assert.That(Changes(parts, () => parts.Read(Piece, 10)), Is.EqualTo((true, true)), "one less");
        Assert.That(Changes(parts, () => parts.Read(Piece, 0, id: 2)), Is.EqualTo((true, true)), "a reader of nothing is a reader");
        Assert.That(Changes(parts, () => parts.Demand.Remove(new ReaderId(2))), Is.EqualTo((true, true)), "one that is gone");
        Assert.That(Changes(parts, parts.Demand.Rewind), Is.EqualTo((false, true)), "something is missing again");
    }

    [Test]
    public void A_reader_of_what_is_here_misses_nothing_and_one_that_leaves_what_is_missing_does()
    {
        var parts = new SchedulerParts();
        parts.Demand.Available.Add(0);
        parts.Demand.Available.Add(1);

        Assert.That(Set(parts, 0, 2 * Piece), Is.False);
        Assert.That(Set(parts, 0, 3 * Piece), "piece 2 is missing");
        Assert.That(Set(parts, 0, Piece), "and is wanted no more");
        Assert.That(Set(parts, 0, Piece), Is.False);
        Assert.That(parts.Demand.HasAllOf(new ReaderState(0, 2 * Piece, 0, -1)));
        Assert.That(parts.Demand.HasAllOf(new ReaderState(0, (2 * Piece) + 1, 0, -1)), Is.False);
        Assert.That(parts.Demand.Remove(new ReaderId(1)), Is.False);
    }

    [Test]
    public void Searches_begin_at_the_start_of_the_window_when_something_is_missing_again()
    {
        var parts = new SchedulerParts();
        var reader = parts.Read(2 * Piece, 4 * Piece);
        reader.Cursor = 5;

        parts.Read(2 * Piece, 4 * Piece);
        Assert.That(reader.Cursor, Is.EqualTo(5).Or.EqualTo(2));
        parts.Demand.WindowsChanged = false;
        reader.Cursor = 5;
        parts.Read(2 * Piece, 4 * Piece);
        Assert.That(reader.Cursor, Is.EqualTo(5), "the same window");
        parts.Demand.Rewind();
        Assert.That(reader.Cursor, Is.EqualTo(2));
    }

    [Test]
    public void A_closed_reader_stays_until_its_time_and_no_longer()
    {
        var parts = new SchedulerParts();
        parts.Read(0, Piece, id: 1);
        parts.Demand.Set(new ReaderId(2), new ReaderState(0, Piece, 0, -1), 500);
        parts.Demand.Set(new ReaderId(3), new ReaderState(0, Piece, 0, -1), 400);

        Assert.That(parts.Demand.NextLingerEnd(), Is.EqualTo(400));
        parts.Demand.EndLingering(399);
        Assert.That(parts.Demand.Readers.Length, Is.EqualTo(3));
        parts.Demand.EndLingering(400);
        Assert.That(parts.Demand.NextLingerEnd(), Is.EqualTo(500));
        parts.Demand.EndLingering(10_000);
        Assert.That(parts.Demand.Readers.ToArray().Select(reader => reader.Id.Value), Is.EqualTo(new[] { 1L }));
        Assert.That(parts.Demand.NextLingerEnd(), Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void How_long_the_longest_read_has_waited()
    {
        var parts = new SchedulerParts();
        parts.Read(0, Piece, blocked: false, id: 1);
        Assert.That(parts.Demand.IsBlockedFor(0, parts.Now), Is.False);
        parts.Read(0, Piece, id: 2);

        Assert.That(parts.Demand.IsBlockedFor(100, parts.Now + 99), Is.False);
        Assert.That(parts.Demand.IsBlockedFor(100, parts.Now + 100));
    }

    [Test]
    public void A_change_is_not_forgotten_because_of_another()
    {
        var parts = new SchedulerParts();
        parts.Read(0, Piece);

        parts.Read(Piece, Piece);

        Assert.That((parts.Demand.WindowsChanged, parts.Demand.OrderChanged), Is.EqualTo((true, true)));
        parts.Demand.WindowsChanged = parts.Demand.OrderChanged = false;
        parts.Read(Piece, Piece, blocked: false);
        parts.Read(Piece, Piece);
        Assert.That((parts.Demand.WindowsChanged, parts.Demand.OrderChanged), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_reader_that_jumps_is_searched_for_from_its_new_place()
    {
        var parts = new SchedulerParts();
        var reader = parts.Read(6 * Piece, 3 * Piece);
        reader.Cursor = 8;

        parts.Read(2 * Piece, 3 * Piece);

        Assert.That(reader.Cursor, Is.EqualTo(2));
    }

    [Test]
    public void The_first_reader_ends_as_every_other()
    {
        var parts = new SchedulerParts();
        parts.Demand.Set(new ReaderId(2), new ReaderState(0, Piece, 0, -1), 500);

        parts.Demand.EndLingering(500);

        Assert.That(parts.Demand.Readers.IsEmpty);
    }

    private static bool Set(SchedulerParts parts, long position, long window)
    {
        return parts.Demand.Set(new ReaderId(1), new ReaderState(position, position + window, 0, -1), -1);
    }

    private static bool Wants(SchedulerParts parts, int piece)
    {
        var set = new PieceSet(10);
        set.Add(piece);
        return parts.Demand.WantsAnyOf(set);
    }

    private static (bool Windows, bool Order) Changes(SchedulerParts parts, Action action)
    {
        parts.Demand.WindowsChanged = parts.Demand.OrderChanged = false;
        action();
        return (parts.Demand.WindowsChanged, parts.Demand.OrderChanged);
    }
}
