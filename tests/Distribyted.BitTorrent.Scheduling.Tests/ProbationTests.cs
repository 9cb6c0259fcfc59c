namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class ProbationTests
{
    [Test]
    public void Who_may_serve_a_piece()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join(1);
        Assert.That(Probation.MayServe(peer, 3, null), "it is new and has served nothing");

        peer.ProbationPiece = 3;
        Assert.That(Probation.MayServe(peer, 3, null), "it goes on with the piece it has begun");
        Assert.That(Probation.MayServe(peer, 4, null), Is.False, "and gets no other");
        peer.Has.Remove(3);
        Assert.That(Probation.MayServe(peer, 4, null), "unless it lacks that one");
        Assert.That(Probation.MayServe(peer, 3, null), Is.False);
        peer.Has.Add(3);
        peer.Verified = 1;
        Assert.That(Probation.MayServe(peer, 4, null), "it is trusted");
        peer.IsSuspect = true;
        Assert.That(Probation.MayServe(peer, 4, null), Is.False, "it is suspected");
        peer.IsSuspect = false;
        peer.Choked = true;
        Assert.That(Probation.MayServe(peer, 4, null), Is.False, "it chokes us");
        peer.Allowed.Add(4);
        Assert.That(Probation.MayServe(peer, 4, null), "but allows this one");
        var open = parts.Open(4);
        Assert.That(Probation.MayServe(peer, 4, open));
        open.OnlyFrom = 1;
        Assert.That(Probation.MayServe(peer, 4, open));
        open.OnlyFrom = 0;
        Assert.That(Probation.MayServe(peer, 4, open), Is.False, "another is asked alone");
    }

    [TestCase(true, 0, false, 5)]
    [TestCase(true, 1, false, -1, Description = "trusted")]
    [TestCase(true, 1, true, 5, Description = "suspected")]
    [TestCase(false, 0, false, -1, Description = "new peers are trusted by configuration")]
    [TestCase(false, 0, true, 5, Description = "but not those that are suspected")]
    public void A_peer_that_is_not_trusted_is_bound_to_the_piece_it_was_asked_for(bool probation, int verified, bool suspect, int expected)
    {
        var parts = new SchedulerParts(new SchedulerLimits(16 << 20, ProbationPieces: probation));
        var peer = parts.Join();
        (peer.Verified, peer.IsSuspect) = (verified, suspect);

        parts.Probation.Asked(peer, 5);

        Assert.That(peer.ProbationPiece, Is.EqualTo(expected));
    }

    [Test]
    public void A_right_hash_makes_those_trusted_who_sent_blocks()
    {
        var parts = new SchedulerParts();
        var (sent, other) = (parts.Join(0), parts.Join(1));
        var piece = parts.Open(5);
        piece.Fill(0, 0);
        parts.Probation.Asked(sent, 5);
        parts.Probation.Asked(other, 5);

        parts.Probation.Verified(piece);
        parts.Lifetime.Finish(piece, parts.Now);

        Assert.That((sent.IsTrusted, sent.ProbationPiece), Is.EqualTo((true, -1)));
        Assert.That((other.IsTrusted, other.ProbationPiece), Is.EqualTo((false, -1)));
    }

    [Test]
    public void A_wrong_hash_makes_those_suspects_who_sent_blocks_until_the_piece_is_decided()
    {
        var parts = new SchedulerParts();
        var (sent, other) = (parts.Join(0), parts.Join(1));
        sent.Verified = 1;
        var piece = parts.Open(5);
        piece.Fill(0, 0);

        parts.Probation.Failed(piece);

        Assert.That((sent.IsTrusted, sent.IsSuspect, sent.ProbationPiece, sent.Failed), Is.EqualTo((false, true, 5, 1)));
        Assert.That((other.IsSuspect, other.ProbationPiece, other.Failed), Is.EqualTo((false, -1, 0)));
        Assert.That((piece.Suspect, parts.Probation.AnySuspect), Is.EqualTo((true, true)));
        parts.Probation.End(5, isDecided: false);
        Assert.That((sent.IsSuspect, sent.ProbationPiece), Is.EqualTo((true, -1)), "free for others, and suspected still");
        sent.ProbationPiece = 5;
        parts.Probation.End(4, isDecided: true);
        Assert.That((sent.IsSuspect, sent.ProbationPiece), Is.EqualTo((true, 5)), "that was another piece");
        parts.Probation.End(5, isDecided: true);
        Assert.That((sent.IsTrusted, sent.ProbationPiece), Is.EqualTo((true, -1)));
    }

    [Test]
    public void A_wrong_hash_of_a_piece_that_no_reader_wants_binds_no_peer_to_it()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        var piece = parts.Open(5);
        piece.Fill(0, 0);
        piece.OrphanSince = parts.Now;

        parts.Probation.Failed(piece);

        Assert.That((peer.IsSuspect, peer.ProbationPiece), Is.EqualTo((true, -1)));
    }

    [Test]
    public void A_suspect_piece_is_asked_of_one_that_had_no_part_in_it_and_has_sent_something()
    {
        var parts = new SchedulerParts();
        var (guilty, helped, fresh, proven) = (parts.Join(0), parts.Join(1), parts.Join(2), parts.Join(3));
        Prove(parts, proven);
        var piece = parts.Open(5);
        piece.Fill(0, 0);
        piece.Fill(1, 1);
        piece.Reset();
        piece.Suspect = true;

        Assert.That(Chosen(parts, piece), Is.EqualTo(3));
        Assert.That(Chosen(parts, piece), Is.EqualTo(3));
        proven.Dropped = true;
        Assert.That(Chosen(parts, piece), Is.EqualTo(3), "a choice stands as long as the peer may serve the piece");
        piece.OnlyFrom = -1;
        Assert.That(Chosen(parts, piece), Is.EqualTo(0), "threefold for a part in it, fourfold for never having sent anything");
        guilty.Failed = 1;
        piece.OnlyFrom = -1;
        Assert.That(Chosen(parts, piece), Is.EqualTo(1));
        helped.Choked = true;
        Assert.That(Chosen(parts, piece), Is.EqualTo(2));
        fresh.Has.Remove(5);
        Assert.That(Chosen(parts, piece), Is.EqualTo(0));
        guilty.Leave();
        piece.OnlyFrom = -1;
        Assert.That(Chosen(parts, piece), Is.EqualTo(-1), "there is none left");
    }

    [Test]
    public void One_that_sent_the_whole_piece_is_asked_last()
    {
        var parts = new SchedulerParts();
        parts.Join(0);
        var slow = parts.Join(1, rtt: 2_000_000);
        var piece = parts.Open(5);
        piece.Fill(0, 0);
        piece.Reset();
        piece.Suspect = true;

        Assert.That(Chosen(parts, piece), Is.EqualTo(1), "a hundredfold");
        slow.Leave();
        piece.OnlyFrom = -1;
        Assert.That(Chosen(parts, piece), Is.Zero);
    }

    [Test]
    public void When_the_only_peer_leaves_or_stalls_every_peer_may_be_asked()
    {
        var parts = new SchedulerParts();
        var (first, second) = (parts.Join(0), parts.Join(1));
        var (a, b) = (parts.Open(5), parts.Open(6));
        (a.Suspect, a.OnlyFrom, b.Suspect, b.OnlyFrom) = (true, 0, true, 1);
        a.Fill(0, 0);
        a.Fill(1, 1);
        parts.Probation.Refresh();
        Assert.That(parts.Probation.AnySuspect);

        parts.Probation.Left(0);
        Assert.That((a.Suspect, a.OnlyFrom, b.Suspect, b.OnlyFrom), Is.EqualTo((false, -1, true, 1)));
        Assert.That((a.HasContributed(0), a.HasContributed(1)), Is.EqualTo((false, true)));
        parts.Probation.Stalled(first);
        Assert.That((b.Suspect, b.OnlyFrom), Is.EqualTo((true, 1)));
        parts.Probation.Stalled(second);
        Assert.That((b.Suspect, b.OnlyFrom), Is.EqualTo((false, -1)));
        parts.Probation.Refresh();
        Assert.That(parts.Probation.AnySuspect, Is.False);
    }

    [Test]
    public void At_a_cold_start_a_peer_may_begin_a_second_piece_that_is_urgent_when_all_of_its_first_is_asked()
    {
        var parts = new SchedulerParts();
        var (peer, other) = (parts.Join(0), parts.Join(1));
        parts.Probation.Asked(peer, 3);
        parts.Probation.Asked(other, 6);
        Assert.That(Probation.MayServe(peer, 4, null, urgent: true), Is.False, "blocks of its first piece are not asked yet");

        parts.Probation.AllAsked(3);

        Assert.That(Probation.MayServe(peer, 4, null, urgent: false), Is.False, "nothing is read ahead");
        Assert.That(Probation.MayServe(peer, 4, null, urgent: true));
        Assert.That(Probation.MayServe(other, 4, null, urgent: true), Is.False, "that was another's piece");
        parts.Probation.Asked(peer, 4);
        Assert.That((peer.ProbationPiece, peer.SecondPiece), Is.EqualTo((3, 4)));
        Assert.That(Probation.MayServe(peer, 4, null, urgent: true), "it goes on with it");
        Assert.That(Probation.MayServe(peer, 3, null, urgent: true), "and with the first");
        Assert.That(Probation.MayServe(peer, 5, null, urgent: true), Is.False, "there is no third");
    }

    [Test]
    public void When_the_first_piece_ends_the_second_takes_its_place()
    {
        var parts = new SchedulerParts();
        var peer = WithTwoPieces(parts, 3, 4);

        parts.Probation.End(3, isDecided: true);

        Assert.That((peer.ProbationPiece, peer.SecondPiece), Is.EqualTo((4, -1)));
        Assert.That(Probation.MayServe(peer, 5, null), Is.False, "until all of this one is asked");
    }

    [Test]
    public void When_the_second_piece_ends_another_may_be_begun()
    {
        var parts = new SchedulerParts();
        var peer = WithTwoPieces(parts, 3, 4);

        parts.Probation.End(4, isDecided: true);

        Assert.That((peer.ProbationPiece, peer.SecondPiece), Is.EqualTo((3, -1)));
        Assert.That(Probation.MayServe(peer, 5, null));
    }

    [Test]
    public void A_suspect_has_no_second_piece()
    {
        var parts = new SchedulerParts();
        var peer = WithTwoPieces(parts, 3, 4);
        var piece = parts.Open(3);
        piece.Fill(0, 0);

        parts.Probation.Failed(piece);
        parts.Probation.AllAsked(3);

        Assert.That((peer.ProbationPiece, peer.SecondPiece), Is.EqualTo((3, -1)));
        Assert.That(Probation.MayServe(peer, 4, null), Is.False);
    }

    [TestCase(true, false, false)]
    [TestCase(true, true, true, Description = "one that chokes us cannot serve the second piece instead")]
    [TestCase(false, false, true)]
    public void While_another_peer_is_trusted_there_is_no_second_piece(bool isTrusted, bool isChoked, bool expected)
    {
        var parts = new SchedulerParts();
        var (peer, other) = (parts.Join(0), parts.Join(1));
        (other.Verified, other.Choked) = (isTrusted ? 1 : 0, isChoked);
        parts.Probation.Asked(peer, 3);

        parts.Probation.AllAsked(3);

        Assert.That(Probation.MayServe(peer, 4, null), Is.EqualTo(expected));
    }

    [Test]
    public void The_next_peer_in_a_slot_begins_without_a_second_piece()
    {
        var parts = new SchedulerParts();
        WithTwoPieces(parts, 3, 4);

        var next = parts.Join(0);

        Assert.That((next.ProbationPiece, next.SecondPiece, next.MayBeginSecond), Is.EqualTo((-1, -1, false)));
    }

    [Test]
    public void The_first_piece_binds_as_every_other_and_the_first_peer_is_chosen_as_every_other()
    {
        var parts = new SchedulerParts();
        var (peer, better) = (parts.Join(0, rtt: 500_000), parts.Join(1));
        peer.ProbationPiece = 0;
        Assert.That(Probation.MayServe(peer, 4, null), Is.False);
        var piece = parts.Open(0);
        (piece.Suspect, piece.OnlyFrom) = (true, 0);

        Assert.That(Chosen(parts, piece), Is.Zero, "it was chosen and may still serve");
        Assert.That(better.Requests.Count, Is.Zero);
    }

    [Test]
    public void Searches_begin_again_when_the_only_peer_of_a_piece_stalls()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        var reader = parts.Read(0, 5 * SchedulerParts.Piece);
        (parts.Open(1).OnlyFrom, reader.Cursor) = (0, 4);

        parts.Probation.Stalled(peer);

        Assert.That(reader.Cursor, Is.Zero);
    }

    private static PeerState WithTwoPieces(SchedulerParts parts, int first, int second)
    {
        var peer = parts.Join(0);
        parts.Probation.Asked(peer, first);
        parts.Probation.AllAsked(first);
        parts.Probation.Asked(peer, second);
        return peer;
    }

    private static int Chosen(SchedulerParts parts, PieceState piece)
    {
        parts.Probation.Choose(piece, parts.Now);
        return piece.OnlyFrom;
    }

    private static void Prove(SchedulerParts parts, PeerState peer)
    {
        var piece = parts.Open(0);
        parts.Ask(peer, piece, 0);
        parts.Now += 66_000;
        parts.Receive(peer, 0, 0);
        parts.Pieces.Remove(piece);
    }
}
