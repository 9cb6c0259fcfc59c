namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PeerWatchTests
{
    [Test]
    public void It_looks_again_when_the_next_peer_may_stall()
    {
        var parts = new SchedulerParts();
        Assert.That(Look(parts), Is.EqualTo(long.MaxValue), "there are no peers");
        var (near, far) = (parts.Join(0), parts.Join(1, rtt: 500_000));
        var piece = parts.Open(0);
        parts.Ask(near, piece, 0);
        parts.Ask(far, piece, 1);
        near.CheckStalled(parts.Now, out var next);

        Assert.That(Look(parts), Is.EqualTo(next));
    }

    [Test]
    public void A_stalled_peer_is_looked_at_every_second_and_dropped_after_twenty_if_another_serves()
    {
        var parts = new SchedulerParts();
        var silent = parts.Join(0);
        var other = parts.Join(1);
        other.Choked = true;
        parts.Ask(silent, parts.Open(0), 0);
        _ = parts.Commands;
        var asked = parts.Now;

        parts.Now = asked + 1_000_000;
        Assert.That(Look(parts), Is.EqualTo(asked + 20_000_000));
        parts.Now = asked + 19_999_999;
        other.Choked = false;
        Assert.That(Look(parts), Is.EqualTo(parts.Now + 1_000_000));
        Assert.That(parts.Commands, Is.Empty);
        other.Choked = true;
        parts.Now = asked + 20_000_000;
        Assert.That(Look(parts), Is.EqualTo(parts.Now + 1_000_000));
        Assert.That(parts.Commands, Is.Empty, "no other serves");
        other.Choked = false;
        Assert.That(Look(parts), Is.EqualTo(long.MaxValue));
        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.DropPeer, silent.Slot, -1, 0, 0) }));
        Look(parts);
        Assert.That(parts.Commands, Is.Empty, "once");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_stalled_peer_without_requests_is_looked_at_again_if_anybody_reads(bool reads)
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        if (reads)
        {
            parts.Read(0, 10, blocked: false);
        }

        parts.Ask(peer, parts.Open(5), 0);
        parts.Now += 1_000_000;
        Look(parts);
        parts.Requests.ReleaseAll(peer);

        Assert.That(Look(parts), Is.EqualTo(reads ? parts.Now + 1_000_000 : long.MaxValue));
    }

    [Test]
    public void A_piece_that_a_stalled_peer_was_to_serve_alone_may_be_asked_of_all()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0);
        (piece.Suspect, piece.OnlyFrom) = (true, 0);
        Look(parts);
        Assert.That(piece.OnlyFrom, Is.Zero);

        parts.Now += 1_000_000;
        Look(parts);

        Assert.That((piece.Suspect, piece.OnlyFrom), Is.EqualTo((false, -1)));
    }

    [Test]
    public void Cancelled_requests_and_interest_end_at_their_time()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0);
        parts.Requests.CancelPiece(piece, parts.Now);
        parts.Now = peer.Requests[0].FreeAt;
        Look(parts);
        Assert.That(peer.Requests.Count, Is.Zero);
        (peer.Interested, peer.InterestUntil) = (true, parts.Now + 5_000_000);

        Assert.That(Look(parts), Is.EqualTo(parts.Now + 5_000_000));
        parts.Now += 5_000_000;
        Look(parts);
        Assert.That(peer.Interested, Is.False);
    }

    [Test]
    public void While_a_read_waits_for_long_a_useless_peer_is_dropped_every_ten_seconds()
    {
        var parts = new SchedulerParts();
        foreach (var index in new[] { 0, 1, 2 })
        {
            parts.Join(index).Choked = true;
        }

        parts.Now += 60_000_000;
        parts.Read(0, 10);
        var since = parts.Now;

        parts.Now = since + 1_999_999;
        Assert.That(Dropped(parts), Is.EqualTo((0, long.MaxValue)));
        parts.Now = since + 2_000_000;
        Assert.That(Dropped(parts), Is.EqualTo((1, parts.Now + 10_000_000)));
        parts.Now = since + 11_999_999;
        Assert.That(Dropped(parts), Is.EqualTo((0, long.MaxValue)));
        parts.Now = since + 12_000_000;
        Assert.That(Dropped(parts), Is.EqualTo((1, parts.Now + 10_000_000)));
        parts.Demand.Remove(new ReaderId(1));
        parts.Now = since + 30_000_000;
        Assert.That(Dropped(parts), Is.EqualTo((0, long.MaxValue)), "no reader waits");
    }

    private static (int Dropped, long Wake) Dropped(SchedulerParts parts)
    {
        var wake = Look(parts);
        return (parts.Commands.Count(command => command.Kind == CommandKind.DropPeer), wake);
    }

    private static long Look(SchedulerParts parts)
    {
        return parts.Watch.Look(parts.Output, parts.Now);
    }
}
