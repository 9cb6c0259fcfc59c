namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class LateBlocksTests
{
    [Test]
    public void A_late_block_is_asked_of_the_peer_that_would_send_it_first()
    {
        var parts = new SchedulerParts();
        var (owner, slow, quick) = (parts.Join(0, rtt: 800_000), parts.Join(1, rtt: 200_000), parts.Join(2));
        var piece = parts.Open(0, deadline: parts.Now);
        parts.Ask(owner, piece, 0);
        _ = parts.Commands;

        Hedge(parts);

        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.Request, quick.Slot, 0, 0, 1) }));
        Assert.That((parts.Late.Hedges, slow.Requests.Count), Is.EqualTo((1L, 0)));
        Assert.That(piece.OwnersOf(0).ToArray(), Is.EqualTo(new short[] { 0, 2, -1 }));
    }

    [Test]
    public void Of_late_blocks_the_latest_comes_first()
    {
        var parts = new SchedulerParts();
        var owner = parts.Join(0, rtt: 800_000);
        var other = parts.Join(1);
        other.Traits = other.Traits with { MaxRequests = 2 };
        var piece = parts.Open(0, deadline: parts.Now);
        parts.Ask(owner, piece, 0, 1, 2, 3);
        _ = parts.Commands;

        Hedge(parts);

        Assert.That(other.Requests.Count, Is.EqualTo(2));
        Assert.That((other.Requests[0].Block, other.Requests[1].Block), Is.EqualTo((3, 2)));
    }

    [TestCase("in time", ExpectedResult = 0)]
    [TestCase("ahead", ExpectedResult = 0)]
    [TestCase("asked of one alone", ExpectedResult = 0)]
    [TestCase("cancelled", ExpectedResult = 0)]
    [TestCase("the same line", ExpectedResult = 0)]
    [TestCase("not much sooner", ExpectedResult = 0)]
    [TestCase("no grant", ExpectedResult = 0)]
    [TestCase("lacks the piece", ExpectedResult = 0)]
    [TestCase("chokes", ExpectedResult = 0)]
    [TestCase("here already", ExpectedResult = 0)]
    [TestCase("none of these", ExpectedResult = 1)]
    public long A_block_is_asked_twice_only_if_that_is_of_use(string why)
    {
        var parts = new SchedulerParts();
        var owner = parts.Join(0, rtt: 800_000);
        var other = parts.Join(1, host: why == "the same line" ? 1u : 0, rtt: why == "not much sooner" ? 700_000 : 50_000);
        var piece = parts.Open(0, deadline: parts.Now);
        parts.Ask(owner, piece, 0);
        var grant = new Grant(SchedulerParts.Block, 0);
        switch (why)
        {
            case "in time":
                piece.Deadline = owner.ArrivalOf(0, parts.Now);
                break;
            case "ahead":
                piece.Deadline = long.MaxValue;
                break;
            case "asked of one alone":
                piece.OnlyFrom = 0;
                break;
            case "cancelled":
                parts.Requests.CancelPiece(piece, parts.Now);
                break;
            case "no grant":
                grant = new Grant(SchedulerParts.Block - 1, long.MaxValue);
                break;
            case "lacks the piece":
                other.Has.Remove(0);
                break;
            case "chokes":
                other.Choked = true;
                other.Allowed.Add(5);
                break;
            case "here already":
                parts.Late.Find(parts.Now);
                parts.Receive(owner, 0, 0);
                break;
        }

        Hedge(parts, grant);
        return parts.Late.Hedges;
    }

    [Test]
    public void A_block_has_at_most_three_owners()
    {
        var parts = new SchedulerParts();
        var owner = parts.Join(0, rtt: 3_000_000);
        parts.Join(1, rtt: 1_500_000);
        var piece = parts.Open(0, deadline: parts.Now);
        parts.Ask(owner, piece, 0);
        foreach (var (index, rtt) in new[] { (2, 600_000), (3, 200_000), (4, 50_000) })
        {
            Hedge(parts);
            parts.Join(index, rtt: rtt);
            parts.Now += UrgentPieces.Tick;
        }

        Hedge(parts);

        Assert.That(piece.OwnersOf(0).ToArray(), Is.EqualTo(new short[] { 0, 1, 2 }));
    }

    [Test]
    public void What_is_late_is_looked_for_once_in_a_tick_and_forgotten_when_nothing_is_urgent()
    {
        var parts = new SchedulerParts();
        var owner = parts.Join(0, rtt: 800_000);
        parts.Join(1);
        var piece = parts.Open(0, deadline: parts.Now);
        parts.Late.Find(parts.Now);
        parts.Ask(owner, piece, 0);

        parts.Now += UrgentPieces.Tick - 1;
        Hedge(parts);
        Assert.That(parts.Late.Hedges, Is.Zero);
        parts.Late.Clear();
        parts.Now++;
        parts.Late.Find(parts.Now);
        parts.Late.Clear();
        Run(parts, Grant.Unlimited);
        Assert.That(parts.Late.Hedges, Is.Zero);
        parts.Now += UrgentPieces.Tick;
        Hedge(parts);
        Assert.That(parts.Late.Hedges, Is.EqualTo(1));
    }

    [Test]
    public void After_sixteen_a_block_may_be_asked_twice_for_each_twenty_that_came_and_one_whose_owner_stalls_always()
    {
        var parts = new SchedulerParts();
        var (owner, other) = (parts.Join(0, rtt: 800_000), parts.Join(1));
        parts.Late.Earn(); // there are never more than 16
        for (var i = 0; i < 16; i++)
        {
            Assert.That(HedgeOnce(parts, owner, other), $"number {i}");
        }

        Assert.That(HedgeOnce(parts, owner, other), Is.False);
        for (var i = 0; i < 19; i++)
        {
            parts.Late.Earn();
        }

        Assert.That(HedgeOnce(parts, owner, other), Is.False);
        parts.Late.Earn();
        parts.Late.Earn(); // 21 x 0.05 is not less than 1, whatever the rounding
        Assert.That(HedgeOnce(parts, owner, other));
        Assert.That(HedgeOnce(parts, owner, other), Is.False);
        Assert.That(HedgeOnce(parts, owner, other, stalls: true));
        Assert.That(
            HedgeOnce(parts, owner, other, isTail: true),
            "all that readers wait for is asked: who is free has nothing better to do"
        );
        for (var i = 0; i < 21; i++)
        {
            parts.Late.Earn();
        }

        Assert.That(HedgeOnce(parts, owner, other), "those two were not taken off");
    }

    [TestCase("asked", ExpectedResult = true)]
    [TestCase("here", ExpectedResult = true)]
    [TestCase("not open", ExpectedResult = false)]
    [TestCase("asked in part", ExpectedResult = false)]
    public bool All_is_asked_when_that_holds_for_every_urgent_piece(string other)
    {
        var parts = new SchedulerParts();
        var (owner, quick) = (parts.Join(0, rtt: 800_000), parts.Join(1));
        for (var i = 0; i < 16; i++)
        {
            HedgeOnce(parts, owner, quick);
        }

        parts.Now += UrgentPieces.Tick;
        parts.Ask(owner, parts.Open(0, deadline: parts.Now), 0, 1, 2, 3);
        switch (other)
        {
            case "asked":
                parts.Ask(owner, parts.Open(1), 0, 1, 2, 3);
                break;
            case "here":
                parts.Demand.Available.Add(1);
                break;
            case "asked in part":
                parts.Ask(owner, parts.Open(1), 0, 1, 2);
                break;
        }

        parts.Late.Find(parts.Now);
        Run(parts, Grant.Unlimited, 0, 1);
        return parts.Late.Hedges > 16;
    }

    [Test]
    public void It_does_not_matter_which_slot_the_owner_has_and_which_piece_is_late()
    {
        var parts = new SchedulerParts();
        var (other, owner) = (parts.Join(0), parts.Join(1, rtt: 800_000));
        var piece = parts.Open(1, deadline: parts.Now);
        parts.Ask(owner, piece, 0);

        Hedge(parts);

        Assert.That((parts.Late.Hedges, other.Requests.Count), Is.EqualTo((1L, 1)));
    }

    [Test]
    public void A_block_whose_third_owner_has_the_first_slot_is_not_asked_once_more()
    {
        var parts = new SchedulerParts();
        var (third, first, second) = (parts.Join(0, rtt: 1_500_000), parts.Join(1, rtt: 3_000_000), parts.Join(2, rtt: 2_000_000));
        parts.Join(3);
        var piece = parts.Open(0, deadline: parts.Now);
        foreach (var peer in new[] { first, second, third })
        {
            parts.Ask(peer, piece, 0);
        }

        Hedge(parts);

        Assert.That(parts.Late.Hedges, Is.Zero);
    }

    [Test]
    public void A_block_asked_twice_is_taken_off_the_grant_for_what_is_urgent()
    {
        var parts = new SchedulerParts();
        var owner = parts.Join(0, rtt: 800_000);
        parts.Join(1);
        parts.Ask(owner, parts.Open(0, deadline: parts.Now), 0, 1, 2);

        Hedge(parts, new Grant(2 * SchedulerParts.Block, long.MaxValue));

        Assert.That(parts.Late.Hedges, Is.EqualTo(2));
    }

    [Test]
    public void Any_number_of_blocks_may_be_late()
    {
        var parts = new SchedulerParts();
        var owners = new[] { parts.Join(0, rtt: 2_000_000), parts.Join(1, rtt: 2_000_000) };
        for (var number = 0; number < 10; number++)
        {
            var piece = parts.Open(number, deadline: parts.Now);
            Array.ForEach(owners, owner => parts.Ask(owner, piece, [.. Enumerable.Range(0, piece.Blocks)]));
        }

        parts.Join(2).Verified = 1; // may serve every piece at once

        Hedge(parts); // 74 requests are late

        Assert.That(parts.Late.Hedges, Is.EqualTo(8), "as many as a new peer takes");
    }

    private static bool HedgeOnce(SchedulerParts parts, PeerState owner, PeerState other, bool stalls = false, bool isTail = false)
    {
        var before = parts.Late.Hedges;
        var piece = parts.Open(0, deadline: parts.Now);
        parts.Now += UrgentPieces.Tick;
        parts.Ask(owner, piece, isTail ? [0, 1, 2, 3] : [0]);
        if (stalls)
        {
            parts.Now += 4_000_000;
            owner.CheckStalled(parts.Now, out _);
        }

        parts.Late.Find(parts.Now);
        Run(parts, Grant.Unlimited, isTail ? 0 : 9);
        parts.Requests.ReleaseAll(owner);
        parts.Requests.ReleaseAll(other);
        parts.Pieces.Remove(piece);
        return parts.Late.Hedges > before;
    }

    private static void Hedge(SchedulerParts parts, Grant? grant = null)
    {
        parts.Late.Find(parts.Now);
        Run(parts, grant ?? Grant.Unlimited);
    }

    private static void Run(SchedulerParts parts, Grant grant, params int[] urgent)
    {
        parts.Candidates.Collect(parts.Now);
        var run = new AssignmentRun(grant, parts, parts.Output, parts.Now);
        parts.Late.Hedge([.. urgent.Select(piece => (0L, piece))], ref run);
    }
}
