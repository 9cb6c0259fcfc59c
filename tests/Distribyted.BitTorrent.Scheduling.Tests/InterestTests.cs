namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class InterestTests
{
    private const long Minute = 60_000_000;

    [Test]
    public void Those_that_have_something_wanted_are_told_once()
    {
        var parts = new SchedulerParts();
        var (has, lacks) = (parts.Join(0), parts.Join(1));
        lacks.Has.Remove(0);
        parts.Read(0, 10);
        parts.Interest.Change();

        parts.Interest.Show(parts.Output, parts.Now);

        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.Interested, has.Slot, -1, 0, 0) }));
        Assert.That((has.Interested, has.InterestUntil, lacks.Interested), Is.EqualTo((true, parts.Now + Minute, false)));
        parts.Interest.Change();
        parts.Interest.Show(parts.Output, parts.Now + 5);
        Assert.That(parts.Commands, Is.Empty);
        Assert.That(has.InterestUntil, Is.EqualTo(parts.Now + 5 + Minute));
        parts.Interest.Show(parts.Output, parts.Now + 10);
        Assert.That(has.InterestUntil, Is.EqualTo(parts.Now + 5 + Minute), "nothing has changed");
    }

    [Test]
    public void A_peer_that_gets_a_wanted_piece_is_told_and_one_that_gets_another_is_not()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        peer.Has.Clear();
        parts.Read(0, 10);

        peer.Has.Add(5);
        parts.Interest.Has(peer, 5);
        peer.Has.Add(0); // not reported: it would show if the report of piece 5 had counted
        parts.Interest.Show(parts.Output, parts.Now);
        Assert.That(parts.Commands, Is.Empty);
        parts.Interest.Has(peer, 0);
        parts.Interest.Show(parts.Output, parts.Now);
        Assert.That(parts.Commands.Single().Kind, Is.EqualTo(CommandKind.Interested));
        parts.Interest.Has(peer, 0);
        parts.Interest.Show(parts.Output, parts.Now + 5);
        Assert.That(peer.InterestUntil, Is.EqualTo(parts.Now + Minute), "it knows already");
    }

    [Test]
    public void Interest_is_renewed_while_something_is_wanted_and_taken_back_when_its_time_is_over()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        Assert.That(parts.Interest.Lapse(peer, parts.Output, parts.Now), Is.EqualTo(long.MaxValue), "we are not interested");
        parts.Read(0, 10);
        parts.Interest.Change();
        parts.Interest.Show(parts.Output, parts.Now);
        _ = parts.Commands;
        var until = parts.Now + Minute;

        Assert.That(parts.Interest.Lapse(peer, parts.Output, until - 1), Is.EqualTo(until));
        Assert.That(parts.Interest.Lapse(peer, parts.Output, until), Is.EqualTo(until + Minute), "piece 0 is wanted still");
        parts.Demand.Remove(new ReaderId(1));
        Assert.That(parts.Interest.Lapse(peer, parts.Output, until + Minute - 1), Is.EqualTo(until + Minute));
        Assert.That(parts.Commands, Is.Empty);
        Assert.That(parts.Interest.Lapse(peer, parts.Output, until + Minute), Is.EqualTo(long.MaxValue));
        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.NotInterested, peer.Slot, -1, 0, 0) }));
        Assert.That(peer.Interested, Is.False);
    }

    [Test]
    public void A_second_wanted_piece_does_not_end_the_interest_in_the_first()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        parts.Read(0, 2 * SchedulerParts.Piece);

        parts.Interest.Has(peer, 0);
        parts.Interest.Has(peer, 1);
        parts.Interest.Show(parts.Output, parts.Now);

        Assert.That(peer.Interested);
    }
}
