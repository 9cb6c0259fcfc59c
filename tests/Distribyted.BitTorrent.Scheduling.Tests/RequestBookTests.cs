using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class RequestBookTests
{
    private const int Block = SchedulerParts.Block;

    [Test]
    public void A_request_is_in_the_queue_of_its_peer_and_its_peer_owns_the_block()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(5), parts.Open(2));

        parts.Ask(peer, piece, 1, 2);

        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.Request, peer.Slot, 2, 1, 2) }));
        var alone = parts.Now + SchedulerParts.Rtt + peer.BlockTime;
        Assert.That(peer.Requests[0], Is.EqualTo(new Request(2, 1, parts.Now, 0, true, 0) { ExpectedAt = peer.Requests[0].ExpectedAt }));
        Assert.That(peer.Requests[1], Is.EqualTo(new Request(2, 2, parts.Now, 0, false, 0) { ExpectedAt = peer.Requests[1].ExpectedAt }));
        Assert.That(peer.Requests[0].ExpectedAt, Is.InRange(alone, alone + SchedulerParts.Rtt), "its TCP begins with ten segments");
        Assert.That(peer.Requests[1].ExpectedAt, Is.GreaterThan(peer.Requests[0].ExpectedAt));
        Assert.That((piece.OwnersOf(1)[0], piece.OwnersOf(2)[0], piece.Busy), Is.EqualTo(((short)5, (short)5, 2)));
    }

    [Test]
    public void A_block_is_new_once_and_its_other_owners_are_told_to_stop()
    {
        var parts = new SchedulerParts();
        var (first, second, piece) = (parts.Join(0), parts.Join(1), parts.Open(2));
        parts.Ask(first, piece, 1);
        parts.Ask(second, piece, 1);
        _ = parts.Commands;

        Assert.That(parts.Receive(first, 2, 1), Is.EqualTo(Claim.New));
        Assert.That((piece.IsFilled(1), piece.HasContributed(0), piece.HasContributed(1)), Is.EqualTo((true, true, false)));
        parts.Requests.Flush(parts.Output);
        Assert.That(parts.Commands, Is.EqualTo(new[] { new Command(CommandKind.Cancel, second.Slot, 2, 1, 1) }));
        Assert.That((first.Requests.Count, second.Requests.Count, second.CancelledInFlight), Is.EqualTo((0, 1, 1)));

        Assert.That(parts.Receive(second, 2, 1), Is.EqualTo(Claim.Duplicate));
        Assert.That((second.Requests.Count, second.CancelledInFlight), Is.EqualTo((0, 0)));
        Assert.That(parts.Receive(second, 2, 1), Is.EqualTo(Claim.Unasked));
        Assert.That(parts.Receive(first, 2, 4), Is.EqualTo(Claim.Unasked), "there is no such block");
        parts.Requests.Flush(parts.Output);
        Assert.That(parts.Commands, Is.Empty, "what was cancelled is told once");
    }

    [Test]
    public void A_cancel_that_was_answered_meanwhile_is_not_sent()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(2));
        parts.Ask(peer, piece, 0, 1, 2);
        _ = parts.Commands;
        parts.Requests.CancelPiece(piece, parts.Now);
        Assert.That(piece.IsAsked, Is.False);

        parts.Receive(peer, 2, 1);
        parts.Requests.Flush(parts.Output);

        Assert.That(
            parts.Commands.Select(command => (command.First, command.Count)),
            Is.EqualTo(new[] { ((ushort)0, (ushort)1), ((ushort)2, (ushort)1) })
        );
    }

    [Test]
    public void A_block_that_only_one_peer_may_send_is_of_no_use_from_another()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(0), parts.Open(2));
        parts.Join(1);
        parts.Ask(peer, piece, 0);
        piece.OnlyFrom = 1;

        Assert.That(parts.Receive(peer, 2, 0), Is.EqualTo(Claim.Duplicate));
        Assert.That((piece.IsFilled(0), piece.IsBusy(0)), Is.EqualTo((false, false)));
    }

    [Test]
    public void What_was_asked_is_either_answered_or_given_back_never_both()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(9)); // one block of 100 bytes
        var whole = parts.Open(0);
        parts.Ask(peer, piece, 0);
        parts.Ask(peer, whole, 0, 1, 2);

        parts.Receive(peer, 0, 0);
        Assert.That(parts.Requests.DrainUnanswered(), Is.Zero);
        parts.Requests.Reject(peer, new BlockRef(9, 0), parts.Now);
        Assert.That(parts.Requests.DrainUnanswered(), Is.EqualTo(100));
        Assert.That(parts.Requests.DrainUnanswered(), Is.Zero);
        parts.Requests.ReleaseAll(peer);
        Assert.That(parts.Requests.DrainUnanswered(), Is.EqualTo(2 * Block));
        peer.AbandonedInFlight = 1;
        Assert.That(parts.Receive(peer, 0, 1), Is.EqualTo(Claim.New), "late, and welcome");
        Assert.That((parts.Requests.DrainUnanswered(), peer.AbandonedInFlight), Is.EqualTo((-Block, 0)));
        Assert.That(parts.Receive(peer, 0, 2), Is.EqualTo(Claim.Unasked));
        Assert.That(parts.Requests.DrainUnanswered(), Is.Zero);
    }

    [Test]
    public void A_reject_of_a_request_that_stands_is_news_and_others_are_not()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(2));
        parts.Ask(peer, piece, 0, 1);

        Assert.That(parts.Requests.Reject(peer, new BlockRef(2, 3), parts.Now), Is.False, "it was not asked");
        Assert.That(parts.Requests.Reject(peer, new BlockRef(2, 0), parts.Now));
        Assert.That(piece.IsBusy(0), Is.False);
        parts.Requests.CancelPiece(piece, parts.Now);
        Assert.That(parts.Requests.Reject(peer, new BlockRef(2, 1), parts.Now), Is.False, "it was cancelled");
        Assert.That((peer.Requests.Count, peer.CancelledInFlight), Is.EqualTo((0, 0)));
    }

    [TestCase(true, 1)]
    [TestCase(false, 0, Description = "a peer without BEP 6 rejects nothing")]
    public void A_cancelled_block_that_is_asked_again_takes_the_place_of_the_request_before(bool fast, int rejects)
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(fast: fast), parts.Open(2));
        parts.Ask(peer, piece, 0, 1);
        parts.Requests.CancelPiece(piece, parts.Now);

        parts.Ask(peer, piece, 0);

        Assert.That((peer.Requests.Count, peer.CancelledInFlight, peer.AbandonedInFlight), Is.EqualTo((2, 1, 1)));
        Assert.That(
            (peer.Requests[1].Block, peer.Requests[1].IsCancelled, peer.Requests[1].PendingRejects),
            Is.EqualTo((0, false, rejects))
        );
        for (var i = 0; i < rejects; i++)
        {
            Assert.That(parts.Requests.Reject(peer, new BlockRef(2, 0), parts.Now), Is.False);
        }

        Assert.That(parts.Requests.Reject(peer, new BlockRef(2, 0), parts.Now));
    }

    [TestCase(true, 2_000_000)]
    [TestCase(false, 0)]
    public void A_cancelled_request_keeps_its_place_for_the_time_its_answer_would_take(bool fast, long patience)
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(fast: fast), parts.Open(2));
        parts.Ask(peer, piece, 0);
        var until = peer.ArrivalOf(0, parts.Now) + SchedulerParts.Rtt + patience;

        parts.Requests.CancelPiece(piece, parts.Now);

        Assert.That(parts.Requests.ExpireCancelled(peer, until - 1), Is.EqualTo(until));
        Assert.That((peer.Requests.Count, peer.AbandonedInFlight), Is.EqualTo((1, 0)));
        Assert.That(parts.Requests.ExpireCancelled(peer, until), Is.EqualTo(long.MaxValue));
        Assert.That((peer.Requests.Count, peer.CancelledInFlight, peer.AbandonedInFlight), Is.EqualTo((0, 0, 1)));
    }

    [Test]
    public void What_is_expected_before_a_given_time_is_not_cancelled()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(2));
        parts.Ask(peer, piece, 0, 1, 2, 3);

        parts.Requests.CancelPiece(piece, parts.Now, peer.ArrivalOf(1, parts.Now));

        Assert.That(Enumerable.Range(0, 4).Where(piece.IsBusy), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void Searches_begin_again_when_a_block_has_no_owner_any_more()
    {
        var parts = new SchedulerParts();
        var (first, second, piece) = (parts.Join(0), parts.Join(1), parts.Open(2));
        var reader = parts.Read(0, 5 * SchedulerParts.Piece);
        parts.Ask(first, piece, 0);
        parts.Ask(second, piece, 0);
        reader.Cursor = 4;

        parts.Requests.ReleaseAll(first);
        Assert.That(reader.Cursor, Is.EqualTo(4), "the other peer owns it");
        parts.Requests.ReleaseAll(second);
        Assert.That(reader.Cursor, Is.Zero);
    }

    [Test]
    public void A_block_behind_the_end_of_a_piece_is_never_wanted()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(2));
        peer.AbandonedInFlight = 1; // so that a block that was not asked may be welcome

        Assert.That(parts.Receive(peer, 2, 4), Is.EqualTo(Claim.Unasked));
        Assert.That((piece.Filled, peer.AbandonedInFlight), Is.EqualTo((0, 1)));
    }

    [Test]
    public void A_block_that_only_the_first_peer_may_send_is_of_no_use_from_another()
    {
        var parts = new SchedulerParts();
        parts.Join(0);
        var (peer, piece) = (parts.Join(1), parts.Open(2));
        parts.Ask(peer, piece, 0);
        piece.OnlyFrom = 0;

        Assert.That(parts.Receive(peer, 2, 0), Is.EqualTo(Claim.Duplicate));
        Assert.That(piece.IsFilled(0), Is.False);
    }

    [Test]
    public void Only_cancelled_requests_expire()
    {
        var parts = new SchedulerParts();
        var (peer, piece, other) = (parts.Join(), parts.Open(2), parts.Open(3));
        parts.Ask(peer, piece, 0);
        parts.Ask(peer, other, 0);
        parts.Requests.CancelPiece(other, parts.Now);

        parts.Requests.ExpireCancelled(peer, parts.Now + 60_000_000);

        Assert.That((peer.Requests.Count, peer.Requests[0].Piece, piece.IsBusy(0)), Is.EqualTo((1, 2, true)));
    }

    [Test]
    public void A_cancel_is_sent_once_while_its_answer_is_awaited()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(2));
        parts.Ask(peer, piece, 0);
        _ = parts.Commands;
        parts.Requests.CancelPiece(piece, parts.Now);

        parts.Requests.Flush(parts.Output);
        parts.Requests.Flush(parts.Output);

        Assert.That(parts.Commands, Has.Count.EqualTo(1));
    }

    [Test]
    public void Searches_begin_again_when_a_block_is_refused()
    {
        var parts = new SchedulerParts();
        var (peer, piece) = (parts.Join(), parts.Open(2));
        var reader = parts.Read(0, 5 * SchedulerParts.Piece);
        parts.Ask(peer, piece, 0);
        reader.Cursor = 4;

        parts.Requests.Reject(peer, new BlockRef(2, 0), parts.Now);

        Assert.That(reader.Cursor, Is.Zero);
    }
}
