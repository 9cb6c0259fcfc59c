namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PeerStateTests
{
    private const long Rtt = SchedulerParts.Rtt;
    private const long FirstBlockTime = 16384; // microseconds at the 1 MB/s that is assumed of a new peer

    [Test]
    public void A_block_of_a_new_peer_takes_a_round_trip_and_its_time_on_the_line()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        Assert.That(peer.BlockTime, Is.EqualTo(FirstBlockTime));

        var none = peer.ArrivalIfAsked(parts.Now) - parts.Now;
        var three = peer.ArrivalIfAsked(parts.Now, others: 3) - parts.Now;

        Assert.That(none, Is.GreaterThanOrEqualTo(Rtt + FirstBlockTime).And.LessThan(3 * Rtt));
        Assert.That(three, Is.GreaterThanOrEqualTo(4 * FirstBlockTime).And.GreaterThan(none));
    }

    [Test]
    public void Nothing_is_expected_before_what_was_asked_earlier()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0, 1, 2, 3);

        var arrivals = Enumerable.Range(0, 4).Select(i => peer.ArrivalOf(i, parts.Now)).ToList();

        Assert.That(arrivals, Is.Ordered.And.Unique);
        Assert.That(peer.ArrivalIfAsked(parts.Now), Is.GreaterThan(arrivals[^1]));
        Assert.That(arrivals[0], Is.GreaterThanOrEqualTo(parts.Now + Rtt + FirstBlockTime));
    }

    [TestCase(1, 250, 1)]
    [TestCase(5, 250, 5)]
    [TestCase(512, 3, 3)]
    [TestCase(512, 250, 8, Description = "a new peer begins with eight")]
    public void No_more_is_asked_at_once_than_both_sides_allow(int most, int reqq, int expected)
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        peer.Traits = peer.Traits with { MaxRequests = reqq };

        Assert.That(peer.Depth(most), Is.EqualTo(expected));
    }

    [Test]
    public void It_stalls_when_nothing_came_for_a_round_trip_and_a_quarter_of_a_second()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        Assert.That(peer.CheckStalled(parts.Now + 100_000_000, out var never), Is.False, "nothing was asked");
        Assert.That(never, Is.EqualTo(long.MaxValue));
        parts.Ask(peer, piece, 0, 1);
        var stallsAt = parts.Now + Rtt + 250_000 + 1;

        Assert.That(peer.CheckStalled(stallsAt - 1, out var next), Is.False);
        Assert.That(next, Is.EqualTo(stallsAt));
        Assert.That(peer.CheckStalled(stallsAt, out _));
        Assert.That((peer.Stalled, peer.LastStall), Is.EqualTo((true, stallsAt)));
        Assert.That(peer.CheckStalled(stallsAt + 500, out _));
        Assert.That(peer.LastStall, Is.EqualTo(stallsAt), "it is still the same");
        parts.Now = stallsAt + 1000;
        parts.Receive(peer, 0, 0);
        Assert.That(peer.Stalled, Is.False);
        Assert.That(peer.CheckStalled(parts.Now, out _), Is.False);
    }

    [Test]
    public void A_stalled_peer_whose_requests_are_gone_is_probed_with_one_block_after_a_second()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0);
        var stalled = parts.Now + 1_000_000;
        peer.CheckStalled(stalled, out _);
        parts.Requests.ReleaseAll(peer);

        Assert.That(peer.CheckStalled(stalled + 999_999, out var next));
        Assert.That(next, Is.EqualTo(stalled + 1_000_000));
        Assert.That(peer.CheckStalled(stalled + 1_000_000, out next), Is.False);
        Assert.That((next, peer.Depth(512)), Is.EqualTo((long.MaxValue, 1)));
        parts.Now = stalled + 1_000_000;
        parts.Ask(peer, piece, 0);
        parts.Receive(peer, 0, 0);
        Assert.That(peer.Depth(512), Is.GreaterThan(1));
    }

    [Test]
    public void Silence_is_measured_from_the_last_block_or_request_and_quiet_from_the_last_byte()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        Assert.That((peer.Silence(parts.Now + 500), peer.Quiet(parts.Now + 500)), Is.EqualTo((0L, 0L)));
        parts.Now += 1000;
        parts.Ask(peer, piece, 0, 1);

        peer.Hear(parts.Now + 300);

        Assert.That((peer.Silence(parts.Now + 500), peer.Quiet(parts.Now + 500)), Is.EqualTo((500L, 200L)));
        Assert.That(peer.LastPayload, Is.EqualTo(parts.Now + 300));
        Assert.That(peer.IsProven, Is.False);
        parts.Now += 400;
        parts.Receive(peer, 0, 0);
        Assert.That((peer.Silence(parts.Now + 10), peer.Quiet(parts.Now + 10), peer.IsProven), Is.EqualTo((10L, 10L, true)));
    }

    // Its blocks take so many times as long as its speed and its round trip say.
    [TestCase(0.6, 1)]
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(9, 5, Description = "the most that is believed")]
    public void Blocks_are_expected_as_late_as_they_have_been(double late, double expected)
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        for (var i = 0; i < 60; i++)
        {
            peer.MeasureLateness(new Request(0, 0, 0, 0, false, 0) { ExpectedAt = 100_000 }, (long)(late * 100_000));
        }

        var bySpeed = peer.ArrivalBySpeed(parts.Now) - parts.Now;
        Assert.That(peer.ArrivalIfAsked(parts.Now) - parts.Now, Is.EqualTo(expected * bySpeed).Within(1).Percent);
        peer.Requests.Enqueue(new Request(0, 0, parts.Now, 0, true, 0));
        Assert.That(peer.ArrivalOf(0, parts.Now) - parts.Now, Is.EqualTo(expected * bySpeed).Within(1).Percent);

        peer.Join(new PeerSlot(0, 2), peer.Traits, parts.Now);
        Assert.That(peer.ArrivalIfAsked(parts.Now), Is.EqualTo(peer.ArrivalBySpeed(parts.Now)), "the next peer of this slot");
    }

    [Test]
    public void A_block_that_is_given_up_after_it_should_have_come_is_a_late_one_and_one_given_up_before_says_nothing()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0);
        parts.Requests.CancelPiece(piece, parts.Now);
        parts.Requests.ReleaseAll(peer);
        Assert.That(peer.ArrivalIfAsked(parts.Now), Is.EqualTo(peer.ArrivalBySpeed(parts.Now)));

        parts.Ask(peer, piece, 1);
        parts.Now += 1_000_000;
        parts.Requests.CancelPiece(piece, parts.Now);
        parts.Requests.ReleaseAll(peer);

        Assert.That(peer.ArrivalIfAsked(parts.Now), Is.GreaterThan(peer.ArrivalBySpeed(parts.Now)));
    }

    [TestCase(250_000)]
    [TestCase(2_000_000)]
    [TestCase(20_000_000)]
    public void Its_rate_is_measured(long rate)
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        for (var i = 0; i < 64; i++)
        {
            peer.Requests.Enqueue(new Request(0, i, parts.Now, 0, i == 0, 0));
        }

        parts.Now += Rtt;
        for (var i = 64; i < 2000; i++)
        {
            parts.Now += 16384 * 1_000_000L / rate;
            peer.Measure(peer.Requests[0], 16384, parts.Now, 512);
            peer.Requests.RemoveAt(0);
            peer.Requests.Enqueue(new Request(0, i, parts.Now, 0, false, 0));
        }

        Assert.That(peer.Rate, Is.EqualTo(rate).Within(1).Percent);
        Assert.That(peer.BlockTime, Is.EqualTo(16384 * 1e6 / rate).Within(1).Percent);
    }

    [TestCase(30_000, 30_000, Description = "nearer than the dial measured")]
    [TestCase(90_000, 50_000, Description = "the quickest counts")]
    public void A_block_asked_of_an_empty_pipe_measures_the_round_trip(long rtt, long expected)
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0);
        parts.Now += rtt + FirstBlockTime;

        parts.Receive(peer, 0, 0);

        Assert.That(peer.Rtt, Is.EqualTo(expected));
    }

    [Test]
    public void The_next_peer_at_its_index_inherits_nothing()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        parts.Ask(peer, piece, 0, 1, 2);
        parts.Now += 1_000_000;
        parts.Receive(peer, 0, 0);
        parts.Requests.CancelPiece(piece, parts.Now);
        peer.CheckStalled(parts.Now + 10_000_000, out _);
        (peer.Verified, peer.Failed, peer.IsSuspect, peer.ProbationPiece, peer.Dropped, peer.Interested) = (1, 1, true, 3, true, true);
        peer.Allowed.Add(1);
        peer.AbandonedInFlight = 2;

        peer.Leave();
        peer.Join(new PeerSlot(0, 2), new PeerTraits(1, 250, Rtt, true), parts.Now);

        Assert.That((peer.Alive, peer.Choked, peer.Stalled, peer.Dropped, peer.Interested), Is.EqualTo((true, true, false, false, false)));
        Assert.That((peer.Verified, peer.Failed, peer.IsSuspect, peer.ProbationPiece), Is.EqualTo((0, 0, false, -1)));
        Assert.That((peer.Requests.Count, peer.CancelledInFlight, peer.AbandonedInFlight), Is.EqualTo((0, 0, 0)));
        Assert.That((peer.Has.IsEmpty, peer.Allowed.IsEmpty, peer.IsProven, peer.Rate), Is.EqualTo((true, true, false, 1_000_000d)));
    }
}
