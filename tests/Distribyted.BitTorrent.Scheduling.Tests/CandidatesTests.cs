namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class CandidatesTests
{
    [Test]
    public void Only_peers_that_answer_are_candidates()
    {
        var parts = new SchedulerParts();
        var peers = Enumerable.Range(0, 7).Select(index => parts.Join(index)).ToArray();
        peers[1].Leave();
        peers[2].Dropped = true;
        peers[3].Choked = true;
        peers[4].Choked = true;
        peers[4].Allowed.Add(3);
        parts.Ask(peers[5], parts.Open(0), 0);
        peers[5].CheckStalled(parts.Now + 10_000_000, out _);

        parts.Candidates.Collect(parts.Now);

        Assert.That(parts.Candidates.All.ToArray().Select(candidate => candidate.Peer), Is.EqualTo(new[] { peers[0], peers[4], peers[6] }));
        Assert.That(parts.Candidates.FreeSlots, Is.EqualTo(3 * 8), "a new peer begins with eight");
    }

    [Test]
    public void What_is_asked_already_is_taken_off_and_never_below_nothing()
    {
        var parts = new SchedulerParts();
        var (a, b) = (parts.Join(0), parts.Join(1));
        var (piece, other) = (parts.Open(0), parts.Open(1));
        parts.Ask(a, piece, 0, 1, 2);
        parts.Ask(b, other, 0, 1, 2);
        b.Traits = b.Traits with { MaxRequests = 2 };

        parts.Candidates.Collect(parts.Now);

        Assert.That(parts.Candidates.All.ToArray().Select(candidate => candidate.Free), Is.EqualTo(new[] { 5, 0 }));
        Assert.That(parts.Candidates.FreeSlots, Is.EqualTo(5));
        Assert.That(parts.Candidates.All[0].Arrival, Is.EqualTo(a.ArrivalIfAsked(parts.Now)));
    }

    [Test]
    public void Each_block_goes_to_the_first_and_is_left_for_it_when_it_is_busy()
    {
        var parts = new SchedulerParts();
        var (near, far) = (parts.Join(0, rtt: 10_000), parts.Join(1, rtt: 900_000));
        near.Traits = near.Traits with { MaxRequests = 1 };
        var piece = parts.Open(0);
        parts.Candidates.Collect(parts.Now);
        var run = new AssignmentRun(new Grant(SchedulerParts.Block, 2 * SchedulerParts.Block), parts, parts.Output, parts.Now);
        Assert.That(parts.Candidates.MarkEligible(0, piece, urgent: true));

        Assert.That(parts.Candidates.Next(parts.Now), Is.Zero);
        parts.Candidates.Ask(0, piece, 0, urgent: true, ref run);
        Assert.That((near.Requests.Count, near.ProbationPiece, run.Allows(1, urgent: true)), Is.EqualTo((1, 0, false)));
        Assert.That(parts.Candidates.FreeSlots, Is.EqualTo(8));
        Assert.That(parts.Candidates.Next(parts.Now), Is.EqualTo(-1), "the near one has no place and is first nevertheless");
        Assert.That((parts.Candidates.All[0].Others, parts.Candidates.All[0].Arrival), Is.EqualTo((1, near.ArrivalIfAsked(parts.Now, 1))));
        var next = -1;
        for (var i = 0; i < 1000 && next < 0; i++)
        {
            next = parts.Candidates.Next(parts.Now);
        }

        Assert.That(next, Is.EqualTo(1), "at last the far one would be sooner");
        Assert.That(near.ArrivalIfAsked(parts.Now, parts.Candidates.All[0].Others), Is.GreaterThanOrEqualTo(far.ArrivalIfAsked(parts.Now)));
    }

    [Test]
    public void Only_those_that_may_serve_the_piece_are_marked()
    {
        var parts = new SchedulerParts();
        var (near, far) = (parts.Join(0, rtt: 10_000), parts.Join(1, rtt: 100_000));
        near.Has.Remove(4);
        parts.Candidates.Collect(parts.Now);

        Assert.That(parts.Candidates.MarkEligible(3, null, urgent: true));
        Assert.That(parts.Candidates.Next(parts.Now), Is.Zero);
        Assert.That(parts.Candidates.MarkEligible(4, null, urgent: true));
        Assert.That(parts.Candidates.Next(parts.Now), Is.EqualTo(1));
        far.Has.Remove(4);
        Assert.That(parts.Candidates.MarkEligible(4, null, urgent: true), Is.False);
    }

    [TestCase(false, 3_000_000, false)]
    [TestCase(true, 3_000_000, true, Description = "its answer comes after 600 blocks of the other")]
    [TestCase(true, 30_000, false, Description = "near enough")]
    public void A_peer_that_is_far_behind_a_quick_one_is_passed_over(bool quick, long rtt, bool expected)
    {
        var parts = new SchedulerParts();
        var slow = parts.Join(0, rtt: rtt);
        var other = parts.Join(1, rtt: 1000);
        if (quick)
        {
            Hasten(parts, other);
        }

        parts.Candidates.Collect(parts.Now);
        parts.Candidates.PassOverSlow();

        Assert.That(parts.Candidates.All[0].Peer, Is.SameAs(slow));
        Assert.That(parts.Candidates.All[0].Free, expected ? Is.Zero : Is.Positive);
        Assert.That(parts.Candidates.FreeSlots, Is.EqualTo(parts.Candidates.All[0].Free + parts.Candidates.All[1].Free));
    }

    [TestCase("lacks pieces")]
    [TestCase("chokes")]
    [TestCase("on probation")]
    public void One_that_may_not_serve_everything_is_no_reason_to_pass_over_another(string why)
    {
        var parts = new SchedulerParts();
        parts.Join(0, rtt: 3_000_000);
        var other = parts.Join(1, rtt: 1000);
        Hasten(parts, other);
        switch (why)
        {
            case "lacks pieces":
                other.Has.Remove(9);
                break;
            case "chokes":
                other.Choked = true;
                other.Allowed.Add(1);
                break;
            default:
                other.ProbationPiece = 0;
                break;
        }

        parts.Candidates.Collect(parts.Now);
        parts.Candidates.PassOverSlow();

        Assert.That(parts.Candidates.All[0].Free, Is.Positive);
    }

    /// <summary>Lets a peer send at 100 MB/s.</summary>
    private static void Hasten(SchedulerParts parts, PeerState peer)
    {
        for (var i = 0; i < 3000; i++)
        {
            parts.Now += 164;
            peer.Measure(new Request(0, 0, parts.Now - 1164, 0, false, 0), SchedulerParts.Block, parts.Now, 512);
        }
    }
}
