namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PieceLifetimeTests
{
    private const int Piece = SchedulerParts.Piece;

    [Test]
    public void What_is_outside_every_window_is_cancelled_and_frees_its_peers()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join(rtt: 300_000);
        var (outside, inside) = (parts.Open(0, deadline: 5), parts.Open(5, deadline: 5));
        parts.Read(5 * Piece, Piece);
        parts.Ask(peer, outside, 0, 1);
        parts.Ask(peer, inside, 0);
        parts.Probation.Asked(peer, 0);
        inside.OrphanSince = 7;

        parts.Lifetime.CancelOutside(parts.Now);

        Assert.That((outside.IsAsked, outside.OrphanSince, outside.Deadline), Is.EqualTo((false, parts.Now, long.MaxValue)));
        Assert.That((inside.IsAsked, inside.OrphanSince, inside.Deadline), Is.EqualTo((true, -1L, 5L)));
        Assert.That(peer.ProbationPiece, Is.EqualTo(-1));
        parts.Lifetime.CancelOutside(parts.Now + 100);
        Assert.That(outside.OrphanSince, Is.EqualTo(parts.Now), "since the first time");
    }

    [Test]
    public void What_is_nearly_here_is_not_cancelled()
    {
        var parts = new SchedulerParts();
        var (near, far) = (parts.Join(0, rtt: 20_000), parts.Join(1, rtt: 200_000));
        var piece = parts.Open(0);
        parts.Ask(near, piece, 0);
        parts.Ask(far, piece, 1);

        parts.Lifetime.CancelOutside(parts.Now);

        Assert.That((piece.IsBusy(0), piece.IsBusy(1)), Is.EqualTo((true, false)));
    }

    [TestCase(4, 3, true)]
    [TestCase(5, 3, true)]
    [TestCase(5, 4, false)]
    [TestCase(8, 6, true, Description = "three quarters are not more")]
    [TestCase(8, 7, false)]
    [TestCase(100, 75, true)]
    [TestCase(100, 76, false)]
    public void The_rest_of_a_piece_is_cancelled_unless_more_than_three_quarters_are_here(int blocks, int here, bool isCancelled)
    {
        var parts = new SchedulerParts(blocks: blocks);
        var peer = parts.Join(rtt: 300_000);
        var piece = parts.Open(0);
        Enumerable.Range(0, here).ToList().ForEach(block => piece.Fill(block, 0));
        parts.Ask(peer, piece, here);

        parts.Lifetime.CancelOutside(parts.Now);

        Assert.That(peer.CancelledInFlight, Is.EqualTo(isCancelled ? 1 : 0));
    }

    [Test]
    public void Sixty_four_orphans_stay_and_of_more_the_smallest_is_closed_one_in_each_run()
    {
        var parts = new SchedulerParts(pieces: 70);
        for (var number = 0; number < 66; number++)
        {
            var piece = parts.Open(number);
            piece.OrphanSince = parts.Now;
            Enumerable.Range(0, number is 7 or 50 ? 1 : 2).ToList().ForEach(block => piece.Fill(block, 0));
        }

        var closed = Enumerable.Range(0, 3).Select(_ => Close()).ToList();

        Assert.That(closed, Is.EqualTo(new[] { [50], [7], Array.Empty<int>() }));

        int[] Close()
        {
            parts.Lifetime.CloseOrphans(isRefused: false, parts.Output, parts.Now);
            return [.. parts.Commands.Where(c => c.Kind == CommandKind.ClosePiece).Select(c => c.Piece)];
        }
    }

    [Test]
    public void An_orphan_of_which_nothing_is_here_is_closed_and_others_stay()
    {
        var parts = new SchedulerParts();
        var (empty, started, asked, wanted) = (parts.Open(0), parts.Open(1), parts.Open(2), parts.Open(3));
        started.Fill(0, 0);
        parts.Ask(parts.Join(), asked, 0);
        empty.OrphanSince = started.OrphanSince = asked.OrphanSince = parts.Now;
        _ = parts.Commands;

        parts.Lifetime.CloseOrphans(isRefused: false, parts.Output, parts.Now);

        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.ClosePiece, default, 0, 0, 0) }));
        Assert.That(parts.Pieces.All.ToArray(), Is.EquivalentTo(new[] { started, asked, wanted }));
    }

    [TestCase(false, null, new[] { 0, 1, 2 })]
    [TestCase(true, null, new[] { 0, 2 }, Description = "memory was refused")]
    [TestCase(false, false, new[] { 0, 2 }, Description = "others need memory")]
    [TestCase(false, true, new[] { 0, 2 }, Description = "others have waited long")]
    public void The_smallest_orphan_is_closed_when_memory_is_needed(bool refused, bool? overdue, int[] left)
    {
        var parts = new SchedulerParts();
        foreach (var (number, blocks) in new[] { (0, 2), (1, 1), (2, 3) })
        {
            var piece = parts.Open(number);
            piece.OrphanSince = parts.Now;
            Enumerable.Range(0, blocks).ToList().ForEach(block => piece.Fill(block, 0));
        }

        if (overdue is { } isOverdue)
        {
            parts.Lifetime.SpaceNeeded(isOverdue);
        }

        parts.Lifetime.CloseOrphans(refused, parts.Output, parts.Now);

        Assert.That(parts.Pieces.All.ToArray().Select(piece => piece.Piece), Is.EquivalentTo(left));
        parts.Lifetime.CloseOrphans(isRefused: false, parts.Output, parts.Now);
        Assert.That(parts.Pieces.All.Length, Is.EqualTo(left.Length), "it was asked for once");
    }

    [Test]
    public void A_whole_orphan_is_not_closed_because_it_is_being_verified()
    {
        var parts = new SchedulerParts();
        var piece = parts.Open(9);
        piece.Fill(0, 0);
        piece.OrphanSince = parts.Now;

        parts.Lifetime.SpaceNeeded(isOverdue: true);
        parts.Lifetime.CloseOrphans(isRefused: true, parts.Output, parts.Now);

        Assert.That(parts.Pieces.All.Length, Is.EqualTo(1));
    }

    [Test]
    public void Those_who_have_waited_long_get_the_memory_of_what_is_missed_least()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        var (asked, soon, late, ahead, aheadMore) = (parts.Open(0, 1), parts.Open(1, 2), parts.Open(2, 3), parts.Open(3), parts.Open(4));
        parts.Ask(peer, asked, 0);
        parts.Ask(peer, ahead, 0);
        aheadMore.Fill(0, 0);
        var closed = new List<int>();

        parts.Lifetime.SpaceNeeded(isOverdue: false);
        Close();
        Assert.That(closed, Is.Empty, "it is not long that they wait");
        for (var i = 0; i < 5; i++)
        {
            parts.Lifetime.SpaceNeeded(isOverdue: true);
            parts.Lifetime.SpaceNeeded(isOverdue: false); // does not make it less
            Close();
        }

        Assert.That(
            closed,
            Is.EqualTo(new[] { ahead.Piece, aheadMore.Piece, late.Piece, soon.Piece }),
            "not the one that is waited for and asked"
        );

        void Close()
        {
            var open = parts.Pieces.All.ToArray().Select(piece => piece.Piece).ToList();
            parts.Lifetime.CloseOrphans(isRefused: false, parts.Output, parts.Now);
            closed.AddRange(open.Except(parts.Pieces.All.ToArray().Select(piece => piece.Piece)));
        }
    }

    [Test]
    public void What_was_asked_of_a_finished_piece_is_cancelled()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(3));
        parts.Ask(peer, piece, 1);
        parts.Probation.Asked(peer, 3);
        _ = parts.Commands;

        parts.Lifetime.Finish(piece, parts.Now);
        parts.Requests.Flush(parts.Output);

        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.Cancel, peer.Slot, 3, 1, 1) }));
        Assert.That((parts.Pieces.TryGet(3, out _), peer.ProbationPiece), Is.EqualTo((false, -1)));
    }

    [Test]
    public void Who_is_suspected_for_a_piece_stays_so_when_no_reader_wants_it_any_more()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(0));
        piece.Fill(0, 0);
        parts.Probation.Failed(piece);

        parts.Lifetime.CancelOutside(parts.Now);

        Assert.That((peer.IsSuspect, peer.ProbationPiece), Is.EqualTo((true, -1)));
    }

    [Test]
    public void A_piece_is_closed_once_and_after_its_requests_are_cancelled()
    {
        var parts = new SchedulerParts();
        var (peer, asked, empty) = (parts.Join(), parts.Open(1), parts.Open(0));
        parts.Ask(peer, asked, 2);
        empty.OrphanSince = asked.OrphanSince = parts.Now;
        _ = parts.Commands;

        parts.Lifetime.CloseOrphans(isRefused: true, parts.Output, parts.Now);

        Assert.That(
            parts.Commands,
            Is.EqualTo(
                new[]
                {
                    new Command(CommandKind.ClosePiece, default, 0, 0, 0),
                    new Command(CommandKind.Cancel, peer.Slot, 1, 2, 1),
                    new Command(CommandKind.ClosePiece, default, 1, 0, 0),
                }
            )
        );
    }
}
