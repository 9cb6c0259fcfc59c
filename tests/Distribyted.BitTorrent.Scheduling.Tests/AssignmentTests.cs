namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class AssignmentTests : IPieceAdmission
{
    private const int Block = SchedulerParts.Block;
    private const int Piece = SchedulerParts.Piece;

    private readonly List<(int Piece, bool Urgent)> _opened = [];
    private bool _admits = true;

    [SetUp]
    public void SetUp()
    {
        _opened.Clear();
        _admits = true;
    }

    public bool TryOpen(int piece, bool urgent)
    {
        _opened.Add((piece, urgent));
        return _admits;
    }

    [Test]
    public void Of_a_piece_that_is_needed_what_is_neither_here_nor_asked_is_asked_in_order()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (Trusted(parts), parts.Open(3));
        piece.Fill(1, 0);
        parts.Ask(peer, piece, 2);
        _ = parts.Commands;

        Assert.That(AssignUrgent(parts, Grant.Unlimited, (5, 3)));

        Assert.That(Asked(parts), Is.EqualTo(new[] { (3, 0), (3, 3) }));
        Assert.That(_opened, Is.Empty, "it was open");
    }

    [Test]
    public void Pieces_are_opened_in_the_order_of_need_with_their_deadlines()
    {
        var parts = new SchedulerParts();
        Trusted(parts);

        Assert.That(AssignUrgent(parts, Grant.Unlimited, (5, 9), (7, 2), (9, 1)), Is.False, "a new peer takes eight");

        Assert.That(Asked(parts), Is.EqualTo(new[] { (9, 0), (2, 0), (2, 1), (2, 2), (2, 3), (1, 0), (1, 1), (1, 2) }));
        Assert.That(_opened, Is.EqualTo(new[] { (9, true), (2, true), (1, true) }));
        Assert.That(
            parts.Pieces.All.ToArray().Select(piece => (piece.Piece, piece.Deadline)),
            Is.EquivalentTo(new[] { (9, 5L), (2, 7L), (1, 9L) })
        );
    }

    [Test]
    public void When_memory_is_refused_pieces_that_are_open_are_asked_nevertheless()
    {
        var parts = new SchedulerParts();
        Trusted(parts);
        parts.Open(3);
        _admits = false;

        Assert.That(AssignUrgent(parts, Grant.Unlimited, (5, 1), (6, 2), (7, 3)));

        Assert.That(Asked(parts), Is.EqualTo(new[] { (3, 0), (3, 1), (3, 2), (3, 3) }));
        Assert.That(_opened, Is.EqualTo(new[] { (1, true) }), "after a refusal nothing is opened");
    }

    [Test]
    public void A_piece_that_no_peer_has_does_not_stop_the_next()
    {
        var parts = new SchedulerParts();
        Trusted(parts).Has.Remove(1);

        Assert.That(AssignUrgent(parts, Grant.Unlimited, (5, 1), (6, 9)));

        Assert.That(Asked(parts), Is.EqualTo(new[] { (9, 0) }));
        Assert.That(_opened, Is.EqualTo(new[] { (9, true) }));
    }

    [Test]
    public void No_block_is_asked_further_ahead_of_the_hash_than_allowed()
    {
        var parts = new SchedulerParts(new SchedulerLimits(2 * Block));
        Trusted(parts);
        parts.Open(3).Frontier = 1;

        Assert.That(AssignUrgent(parts, Grant.Unlimited, (5, 2), (6, 3), (7, 9)));

        Assert.That(Asked(parts), Is.EqualTo(new[] { (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (9, 0) }));
    }

    [Test]
    public void What_is_needed_ends_with_the_grant()
    {
        var parts = new SchedulerParts();
        Trusted(parts);

        Assert.That(AssignUrgent(parts, new Grant((3 * Block) - 1, long.MaxValue), (5, 1), (6, 9)), Is.False);

        Assert.That(Asked(parts), Is.EqualTo(new[] { (1, 0), (1, 1) }));
    }

    [Test]
    public void A_suspect_piece_is_asked_of_one_peer_alone()
    {
        var parts = new SchedulerParts();
        var peers = Enumerable.Range(0, 3).Select(index => parts.Join(index)).ToArray();
        var piece = parts.Open(1);
        piece.Suspect = true;

        AssignUrgent(parts, Grant.Unlimited, (5, 1));

        Assert.That(piece.OnlyFrom, Is.GreaterThanOrEqualTo(0));
        Assert.That(peers[piece.OnlyFrom].Requests.Count, Is.EqualTo(4));
    }

    [Test]
    public void Read_ahead_leaves_out_what_is_here_and_what_had_its_turn()
    {
        var parts = new SchedulerParts();
        Trusted(parts);
        var reader = parts.Read(0, 5 * Piece);
        reader.UrgentEnd = 2;
        parts.Demand.Available.Add(3);
        var open = parts.Open(2);
        open.Fill(0, 0);

        AssignAhead(parts, Grant.Unlimited);

        Assert.That(Asked(parts), Is.EqualTo(new[] { (2, 1), (2, 2), (2, 3), (4, 0), (4, 1), (4, 2), (4, 3) }));
        Assert.That(_opened, Is.EqualTo(new[] { (4, false) }));
        Assert.That(reader.Cursor, Is.Zero, "piece 0 may not be urgent next time");
        Assert.That(parts.Pieces.TryGet(4, out var ahead) && ahead.Deadline == long.MaxValue);
    }

    [Test]
    public void The_search_for_read_ahead_goes_on_behind_what_is_here_or_asked()
    {
        var parts = new SchedulerParts();
        var peer = Trusted(parts);
        var reader = parts.Read(0, 4 * Piece);
        parts.Demand.Available.Add(0);
        parts.Ask(peer, parts.Open(1), 0, 1, 2, 3);
        peer.Has.Remove(2);

        AssignAhead(parts, Grant.Unlimited);

        Assert.That(reader.Cursor, Is.EqualTo(2), "piece 2 is missing, although no peer has it");
        Assert.That(parts.Pieces.TryGet(3, out _), "the next one is not");
    }

    [Test]
    public void Readers_take_turns_of_sixteen_blocks()
    {
        var parts = new SchedulerParts();
        Enumerable.Range(0, 5).ToList().ForEach(index => Trusted(parts, index));
        Two(parts);

        AssignAhead(parts, new Grant(0, 36 * Block));

        Assert.That(Asked(parts).Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 0, 1, 2, 3, 5, 6, 7, 8, 4 }));
    }

    [Test]
    public void A_turn_that_slots_or_the_grant_have_cut_short_goes_on_and_is_no_longer([Values] bool slots)
    {
        var parts = new SchedulerParts();
        var peer = Trusted(parts);
        peer.Traits = peer.Traits with { MaxRequests = slots ? 1 : 250 };
        Two(parts);
        var order = new List<int>();
        for (var i = 0; i < 36; i++)
        {
            AssignAhead(parts, new Grant(0, slots ? long.MaxValue : Block));
            foreach (var (piece, block) in Asked(parts))
            {
                order.Add(piece);
                parts.Now += 60_000;
                parts.Receive(peer, piece, block);
            }
        }

        Assert.That(order, Has.Count.EqualTo(36));
        Assert.That(order.Distinct(), Is.EqualTo(new[] { 0, 1, 2, 3, 5, 6, 7, 8, 4 }));
    }

    /// <summary>A peer that may serve every piece at once.</summary>
    // The fast peer is busy and would have sent all of them before the answer of the slow one: each is looked at and left to it.
    [TestCase(600, true)]
    [TestCase(601, false)]
    public void Six_hundred_blocks_are_looked_at_in_one_run(int blocks, bool isAllDone)
    {
        var parts = new SchedulerParts(new SchedulerLimits(blocks * Block), pieces: 3, blocks: blocks);
        var fast = parts.Join(0, rtt: 100);
        Enumerable.Range(0, 10_000).ToList().ForEach(_ => fast.Measure(new Request(0, 0, parts.Now, 0, false, 0), Block, parts.Now, 1));
        parts.Join(1, rtt: 3_000_000);
        fast.Traits = fast.Traits with { MaxRequests = 1 };
        parts.Ask(fast, parts.Open(0), 0);
        _ = parts.Commands;

        Assert.That(AssignUrgent(parts, Grant.Unlimited, (5, 1)), Is.EqualTo(isAllDone));

        Assert.That(Asked(parts), Is.Empty);
    }

    private static PeerState Trusted(SchedulerParts parts, int index = 0)
    {
        var peer = parts.Join(index);
        peer.Verified = 1;
        return peer;
    }

    /// <summary>Two readers ahead: pieces 0 to 4 and 5 to 8.</summary>
    private static void Two(SchedulerParts parts)
    {
        parts.Read(0, 5 * Piece, blocked: false, id: 1);
        parts.Read(5 * Piece, 4 * Piece, blocked: false, id: 2);
    }

    private static List<(int Piece, int Block)> Asked(SchedulerParts parts)
    {
        return
        [
            .. parts
                .Commands.Where(command => command.Kind == CommandKind.Request)
                .SelectMany(command => Enumerable.Range(command.First, command.Count).Select(block => (command.Piece, block))),
        ];
    }

    private bool AssignUrgent(SchedulerParts parts, Grant grant, params (long, int)[] urgent)
    {
        parts.Candidates.Collect(parts.Now);
        var run = new AssignmentRun(grant, this, parts.Output, parts.Now);
        return parts.Assignment.AssignUrgent(urgent, ref run);
    }

    private void AssignAhead(SchedulerParts parts, Grant grant)
    {
        parts.Candidates.Collect(parts.Now);
        var run = new AssignmentRun(grant, this, parts.Output, parts.Now);
        parts.Assignment.AssignAhead(ref run);
    }
}
