namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class UrgentPiecesTests
{
    private const int Piece = SchedulerParts.Piece;

    [Test]
    public void A_piece_is_due_when_its_reader_gets_there()
    {
        var parts = new SchedulerParts();
        parts.Join(); // 1 MB/s is assumed of it
        parts.Read(Piece, 8 * Piece, rate: 512 * 1024);

        parts.Urgent.Order(parts.Now + 7000);

        // The read waits since Now; at 512 KiB/s a piece of 64 KiB lasts 125 ms, and two seconds are 1 MiB: the whole window.
        Assert.That(parts.Urgent.Items.ToArray(), Is.EqualTo(Enumerable.Range(0, 8).Select(i => (parts.Now + (i * 125_000L), i + 1))));
    }

    [TestCase(524_288, true, 0, Description = "it waits")]
    [TestCase(524_288, false, 7000, Description = "it does not wait, so its time begins now")]
    [TestCase(2_000_000, true, 500_000, Description = "it is faster than the swarm")]
    [TestCase(2_000_000, false, 507_000)]
    [TestCase(1_000_000, true, 0, Description = "as fast as the swarm")]
    [TestCase(0, true, 0, Description = "nothing is known of it")]
    public void The_piece_that_is_read_is_due_at_once_and_of_a_copier_half_a_second_later(long rate, bool blocked, long expected)
    {
        var parts = new SchedulerParts();
        parts.Join();
        parts.Read(0, Piece, rate, blocked);

        parts.Urgent.Order(parts.Now + 7000);

        Assert.That(parts.Urgent.Items[0].Deadline - parts.Now, Is.EqualTo(expected));
    }

    [TestCase(65_536, 250_000, Description = "slower than 256 KiB/s counts as that")]
    [TestCase(262_144, 250_000)]
    [TestCase(524_288, 125_000)]
    [TestCase(0, 15_625, Description = "4 MiB/s while it is not known")]
    public void The_next_piece_is_due_a_piece_later(long rate, long expected)
    {
        var parts = new SchedulerParts();
        parts.Join();
        parts.Read(0, 2 * Piece, rate);

        parts.Urgent.Order(parts.Now);

        Assert.That(parts.Urgent.Items[1].Deadline - parts.Now, Is.EqualTo(expected));
    }

    [Test]
    public void Any_number_of_pieces_can_be_urgent()
    {
        var parts = new SchedulerParts(pieces: 100, blocks: 1);
        parts.Join();
        parts.Read(0, 100 * SchedulerParts.Block); // 1 MiB of it, 64 pieces

        parts.Urgent.Order(parts.Now);

        Assert.That(parts.Urgent.Items.ToArray().Select(item => item.Piece), Is.EqualTo(Enumerable.Range(0, 64)));
    }

    [Test]
    public void What_is_here_or_further_than_two_seconds_ahead_is_not_urgent()
    {
        var parts = new SchedulerParts();
        parts.Join();
        parts.Demand.Available.Add(1);
        var reader = parts.Read(0, 9 * Piece, rate: 100_000); // 256 KiB/s: two seconds are eight pieces

        parts.Urgent.Order(parts.Now);

        Assert.That(parts.Urgent.Items.ToArray().Select(item => item.Piece), Is.EqualTo(new[] { 0, 2, 3, 4, 5, 6, 7 }));
        Assert.That(reader.UrgentEnd, Is.EqualTo(8));
    }

    [Test]
    public void Nothing_is_urgent_for_a_reader_that_is_closed()
    {
        var parts = new SchedulerParts();
        parts.Demand.Set(new ReaderId(1), new ReaderState(0, Piece, 0, -1), parts.Now + 1000);

        parts.Urgent.Order(parts.Now);

        Assert.That(parts.Urgent.Items.IsEmpty);
    }

    [Test]
    public void Open_pieces_have_the_earliest_deadline_of_their_readers_and_none_when_they_are_not_urgent_any_more()
    {
        var parts = new SchedulerParts();
        parts.Join();
        var (shared, ahead) = (parts.Open(1), parts.Open(9, deadline: 77));
        parts.Read(0, 2 * Piece, rate: 524_288, id: 1);
        parts.Read(Piece, Piece, rate: 524_288, id: 2);

        parts.Urgent.Order(parts.Now);
        Assert.That((shared.Deadline, ahead.Deadline), Is.EqualTo((parts.Now, 77L)));
        Assert.That(parts.Urgent.Items.ToArray().Select(item => item.Piece), Is.EqualTo(new[] { 0, 1, 1 }));
        parts.Demand.Remove(new ReaderId(2));
        parts.Urgent.Order(parts.Now);
        Assert.That(shared.Deadline, Is.EqualTo(parts.Now + 125_000));
        parts.Demand.Remove(new ReaderId(1));
        parts.Urgent.Order(parts.Now);
        Assert.That(shared.Deadline, Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void The_order_is_outdated_after_a_tick_or_when_the_demand_has_changed()
    {
        var parts = new SchedulerParts();
        parts.Urgent.Order(parts.Now);

        Assert.That(parts.Urgent.IsOutdated(parts.Now + 19_999), Is.False);
        Assert.That(parts.Urgent.IsOutdated(parts.Now + 20_000));
        parts.Demand.Rewind();
        Assert.That(parts.Urgent.IsOutdated(parts.Now));
        parts.Urgent.Order(parts.Now);
        Assert.That(parts.Urgent.IsOutdated(parts.Now), Is.False);
    }

    [Test]
    public void Something_may_become_late_when_a_block_of_an_urgent_piece_is_asked()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        parts.Read(0, Piece);
        parts.Urgent.Order(parts.Now);
        Assert.That(parts.Urgent.IsAnyAsked(), Is.False);
        var (piece, other) = (parts.Open(0), parts.Open(5));
        parts.Ask(peer, other, 0);
        Assert.That(parts.Urgent.IsAnyAsked(), Is.False);
        parts.Ask(peer, piece, 0);
        Assert.That(parts.Urgent.IsAnyAsked());
        parts.Receive(peer, 0, 0);
        Assert.That(parts.Urgent.IsAnyAsked(), Is.False);
    }
}
