using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>Every event of the contract, and what the next run does because of it.</summary>
internal sealed class PieceSchedulerEventTests
{
    private const int Piece = 256 * 1024;
    private const int Blocks = Piece / PieceLayout.BlockLength;

    private static readonly SchedulerLimits WithProbation = new(16 << 20);

    [Test]
    public void A_peer_that_is_unknown_or_gone_has_no_figures()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        desk.Leave(peer);

        foreach (var none in new[] { peer, new PeerSlot(77, 1) })
        {
            Assert.That(desk.Scheduler.OutstandingOf(none), Is.Zero);
            Assert.That(desk.Scheduler.SilenceOf(none, desk.Now + 5), Is.Zero);
            Assert.That(desk.Scheduler.RateOf(none), Is.Zero);
            Assert.That(desk.Scheduler.IsInterested(none), Is.False);
            Assert.That(desk.Scheduler.IsOnProbation(none), Is.False);
            Assert.That(desk.Scheduler.IsStalled(none), Is.False);
        }
    }

    [Test]
    public void A_silent_peer_is_told_by_its_silence_and_stalls()
    {
        var desk = Desk();
        var peer = desk.Join();
        Assert.That(desk.Scheduler.RateOf(peer), Is.EqualTo(1_000_000), "what is guessed of a new peer");
        desk.Read(0, Piece);
        desk.Run();
        Assert.That((desk.Scheduler.SilenceOf(peer, desk.Now), desk.Scheduler.IsStalled(peer)), Is.EqualTo((0L, false)));

        desk.Now += 5_000_000;
        desk.Run();

        Assert.That((desk.Scheduler.SilenceOf(peer, desk.Now), desk.Scheduler.IsStalled(peer)), Is.EqualTo((5_000_000L, true)));
    }

    [TestCase(0)]
    [TestCase(3)]
    public void A_new_peer_is_on_probation_from_its_first_block_until_a_piece_is_verified(int piece)
    {
        var desk = Desk(WithProbation);
        var peer = desk.Join();
        Assert.That(desk.Scheduler.IsOnProbation(peer), Is.False, "not asked for anything yet");
        desk.Read(piece * Piece, Piece);
        desk.Run();
        Assert.That(desk.Scheduler.IsOnProbation(peer), Is.True);

        Deliver(desk, peer, piece);
        desk.Verify(piece);

        Assert.That(desk.Scheduler.IsOnProbation(peer), Is.False);
        desk.Read(5 * Piece, 4 * Piece);
        desk.Run();
        Deliver(desk, peer, 5);
        Assert.That(desk.Asked(peer).Select(block => block.Piece), Does.Contain(6), "it is trusted before piece 5 is verified");
    }

    [Test]
    public void At_a_cold_start_a_peer_is_asked_for_a_second_piece_without_waiting_for_the_first_to_be_verified()
    {
        const int SmallPiece = 4 * 16384;
        var desk = new SchedulerDesk(1 << 20, SmallPiece, WithProbation);
        var peer = desk.Join();
        desk.Read(0, 4 * SmallPiece);

        desk.Run();

        Assert.That(desk.Asked(peer).Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void A_peer_that_takes_the_place_of_another_takes_over_none_of_its_requests()
    {
        var desk = Desk();
        var before = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Requests(before).ToList();

        var after = desk.JoinInPlaceOf(before);
        Assert.That(desk.Scheduler.OutstandingOf(after), Is.Zero);
        desk.Run();

        Assert.That(desk.Requests(after), Is.EquivalentTo(asked));
    }

    [Test]
    public void The_first_peer_of_a_place_replaces_none()
    {
        var desk = Desk();
        var first = desk.Join(index: 0);
        desk.Join(index: 5); // makes room for places 1 to 4, which no peer has had
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Scheduler.OutstandingOf(first);

        desk.Join(index: 3);

        Assert.That(desk.Scheduler.OutstandingOf(first), Is.EqualTo(asked));
    }

    [Test]
    public void A_peer_that_left_is_asked_for_nothing_and_is_not_the_least_useful()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Leave(peer);
        desk.Now += 600_000_000;
        desk.Read(0, Piece);

        desk.Run();

        Assert.That(desk.Commands, Is.Empty);
        Assert.That(desk.Scheduler.LeastUseful(desk.Now), Is.Null);
    }

    [Test]
    public void A_piece_left_to_one_peer_is_asked_of_others_when_that_one_leaves()
    {
        var desk = Desk();
        var liar = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        Deliver(desk, liar, 0);
        var (one, other) = (desk.Join(), desk.Join());
        desk.Fail(0);
        desk.Run();
        var chosen = desk.Requests(one).Any() ? one : other;

        desk.Leave(chosen);
        desk.Run();

        Assert.That(desk.Requests(), Is.Not.Empty);
    }

    [TestCase("HAVE")]
    [TestCase("HAVE ALL")]
    [TestCase("BITFIELD")]
    public void A_peer_that_says_it_has_a_wanted_piece_is_told_of_our_interest_and_asked(string message)
    {
        var desk = Desk();
        var peer = desk.Join(seed: false);
        desk.Read(3 * Piece, Piece);
        desk.Run();
        Assert.That(desk.Commands, Is.Empty);

        switch (message)
        {
            case "HAVE":
                desk.Has(peer, 3);
                break;
            case "HAVE ALL":
                desk.HasAll(peer);
                break;
            default:
                desk.Bitfield(peer, Bits(desk, 3));
                break;
        }

        desk.Run();
        Assert.That(desk.Commands[0].Kind, Is.EqualTo(CommandKind.Interested));
        Assert.That(desk.Requests(peer), Is.Not.Empty);
        Assert.That(desk.Requests(peer).Select(block => block.Piece), Is.All.EqualTo(3));
    }

    [Test]
    public void A_bitfield_replaces_what_was_known()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Bitfield(peer, Bits(desk, 3));
        desk.Read(0, 3 * Piece);

        desk.Run();

        Assert.That(desk.Commands, Is.Empty, "it lacks them");
    }

    [Test]
    public void A_peer_that_lost_a_piece_is_not_asked_for_it()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Lost(peer, 0);
        desk.Read(0, 2 * Piece);

        desk.Run();

        Assert.That(desk.Requests(peer).Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 1 }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_peer_that_chokes_us_is_asked_for_nothing_more(bool fast)
    {
        var desk = Desk();
        var peer = desk.Join(fast: fast, reqq: 4);
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Asked(peer).ToList();

        desk.Choke(peer);
        if (fast)
        {
            foreach (var block in asked)
            {
                desk.Reject(peer, block);
            }
        }

        desk.Run();

        Assert.That(desk.Requests(), Is.Empty);
        Assert.That(desk.Scheduler.OutstandingOf(peer), Is.Zero);
        desk.Unchoke(peer);
        desk.Run();
        Assert.That(desk.Requests(peer), Is.EquivalentTo(asked), "it did not lose the piece by refusing while it chokes");
    }

    [Test]
    public void A_block_refused_by_a_peer_that_chokes_us_was_not_allowed_after_all()
    {
        var desk = Desk();
        var peer = desk.Join(unchoked: false, reqq: 1);
        desk.AllowFast(peer, 0);
        desk.Read(0, Piece);
        desk.Run();

        desk.Reject(peer, desk.Asked(peer).Single());

        desk.Run();
        Assert.That(desk.Requests(), Is.Empty);
        desk.Unchoke(peer);
        desk.Run();
        Assert.That(desk.Requests(peer), Is.Not.Empty, "it has the piece still");
    }

    [Test]
    public void A_reader_that_comes_to_idle_peers_makes_us_interested_in_them()
    {
        var desk = Desk();
        var peer = desk.Join(unchoked: false);
        desk.Run();
        Assert.That(desk.Commands, Is.Empty);

        desk.Read(0, Piece);
        desk.Run();

        Assert.That(desk.Commands.Single(), Is.EqualTo(new Command(CommandKind.Interested, peer, -1, 0, 0)));
    }

    [Test]
    public void While_a_read_waits_for_what_was_asked_the_next_run_is_a_tick_away()
    {
        var desk = Desk();
        desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        Assert.That(desk.Wake, Is.EqualTo(desk.Now + 20_000));

        desk.Linger(0, Piece);
        desk.Run();
        Assert.That(desk.Wake, Is.GreaterThan(desk.Now + 100_000), "no reader waits");
    }

    [Test]
    public void Requests_are_cancelled_before_others_are_made()
    {
        var desk = Desk();
        desk.Join(rtt: 200_000);
        var other = desk.Join(rtt: 200_000, unchoked: false);
        desk.Read(0, Piece);
        desk.Run();
        desk.Unchoke(other);

        desk.Read(40 * Piece, Piece);
        desk.Run();

        var kinds = desk.Commands.Select(command => command.Kind).ToList();
        Assert.That(kinds, Does.Contain(CommandKind.Cancel).And.Contain(CommandKind.Request));
        Assert.That(kinds.LastIndexOf(CommandKind.Cancel), Is.LessThan(kinds.IndexOf(CommandKind.Request)));
    }

    [Test]
    public void A_block_that_was_late_is_not_asked_twice_when_no_reader_waits_any_more()
    {
        var desk = Desk();
        var silent = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        var late = desk.Requests(silent).ToList();
        desk.Now += 5_000_000;
        desk.Run();

        desk.Linger(0, Piece);
        var other = desk.Join();
        desk.Run();

        Assert.That(desk.Requests(other), Is.Not.Empty.And.None.AnyOf(late));
        Assert.That(desk.Scheduler.Hedges, Is.Zero);
    }

    [Test]
    public void The_one_peer_that_a_suspect_piece_is_left_to_is_asked_for_all_of_it_however_fast_the_others_are()
    {
        var desk = new SchedulerDesk(total: 512 << 20, pieceLength: Piece);
        var slow = desk.Join(rtt: 300_000);
        var liar = desk.Join();
        desk.Choke(slow);
        desk.Read(0, Piece);
        desk.Run();
        Deliver(desk, liar, 0);
        desk.Leave(liar);
        var fast = desk.Join(rtt: 1000, fast: false);
        desk.Read(100 * Piece, 400 * Piece, id: 2);
        desk.Run();
        for (var i = 0; i < 3000; i++) // 100 MB/s
        {
            desk.Now += 164;
            desk.Send(fast, desk.Asked(fast)[0]);
            desk.Run();
        }

        desk.Choke(fast);
        desk.Unchoke(slow);
        desk.Fail(0);
        desk.Run();
        Assert.That(desk.Requests(slow).Select(block => block.Piece), Does.Contain(0));
        while (!desk.IsWhole(0))
        {
            desk.Choke(fast); // without the fast extension: it is asked for nothing while the slow one sends
            desk.Now += 350_000;
            var asked = desk.Asked(slow).Where(block => block.Piece == 0).ToList();
            Assert.That(asked, Is.Not.Empty);
            asked.ForEach(block => desk.Send(slow, block));
            desk.Unchoke(fast);
            desk.Run();
        }
    }

    [Test]
    public void Blocks_are_counted_as_wanted_or_not()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Requests(peer).ToList();

        desk.Send(peer, asked[0]);
        desk.Send(peer, asked[1]);
        desk.Send(peer, asked[1]); // not asked for any more
        desk.Send(new PeerSlot(77, 1), asked[2]); // from no peer

        Assert.That((desk.Scheduler.Accepted, desk.Scheduler.Wasted), Is.EqualTo((2L, 2L)));
    }

    [Test]
    public void What_was_found_in_the_cache_is_not_fetched_any_more_and_the_rest_is()
    {
        var desk = Desk();
        var peer = desk.Join(reqq: 2 * Blocks);
        desk.Read(0, 2 * Piece);
        Grow(desk, peer);
        var asked = desk.Asked(peer).Select(block => block.Piece).Distinct().ToList();
        Assert.That(asked, Is.EquivalentTo(new[] { 0, 1 }));

        desk.Scheduler.SetAvailable(Bits(desk, 0));
        desk.Run();

        Assert.That(desk.Scheduler.IsWanted(0), Is.False);
        Assert.That(desk.Scheduler.IsWanted(1), Is.True);
        Assert.That(desk.Cancels(peer).Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void The_only_piece_that_is_fetched_may_be_found_in_the_cache()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Requests(peer).ToList();

        desk.Scheduler.SetAvailable(Bits(desk, 0));
        desk.Run();

        Assert.That(desk.Cancels(peer), Is.EquivalentTo(asked));
    }

    [Test]
    public void A_piece_that_the_cache_turns_out_to_lack_is_fetched()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Scheduler.SetAvailable(Bits(desk, 0, 1));
        desk.Read(0, 2 * Piece);
        desk.Run();
        Assert.That(desk.Commands, Is.Empty);

        desk.Scheduler.SetAvailable(Bits(desk, 1));
        desk.Run();

        Assert.That(desk.Requests(peer).Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void A_piece_that_can_be_read_is_asked_of_no_peer_any_more()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Requests(peer).ToList();

        desk.Verify(0); // found elsewhere
        desk.Run();

        Assert.That(desk.Cancels(peer), Is.EquivalentTo(asked));
        desk.Evict(0);
        desk.Now += 10_000_000;
        desk.Run();
        Assert.That(desk.Requests(peer), Is.Not.Empty, "its fetching begins again");
    }

    [Test]
    public void The_blocks_of_a_piece_with_a_wrong_hash_are_cancelled_everywhere()
    {
        var desk = Desk();
        var line = new SchedulerLine(desk);
        var (one, other) = (line.Join(4_000_000), line.Join(4_000_000));
        desk.Read(0, Piece);
        desk.Run();
        var asked = desk.Requests().ToList();
        Assert.That(asked.Count, Is.GreaterThan(1));
        desk.Send(one, desk.Asked(one)[0]);

        desk.Fail(0);
        desk.Run(new Grant(0, 0));

        Assert.That(desk.Cancels().Count(), Is.EqualTo(asked.Count - 1));
        Assert.That(desk.Cancels(other), Is.Not.Empty);
    }

    [TestCase("failed")]
    [TestCase("closed")]
    public void A_piece_ahead_that_must_be_fetched_again_is_found_again(string how)
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Read(0, 0);
        desk.Scheduler.ReaderSet(new ReaderId(1), new ReaderState(0, 6 * Piece, 1, -1), desk.Now);
        desk.Find(0); // the urgent part of the window
        for (var piece = 1; piece < 6; piece++)
        {
            for (var i = 0; i < 4 * Blocks && !desk.IsWhole(piece); i++)
            {
                desk.Now += 1000;
                desk.Run();
                foreach (var block in desk.Asked(peer).ToList())
                {
                    desk.Send(peer, block);
                }
            }

            Assert.That(desk.IsWhole(piece));
        }

        desk.Run();
        Assert.That(desk.Requests(), Is.Empty);
        if (how == "failed")
        {
            desk.Fail(3);
        }
        else
        {
            desk.Close(3);
        }

        desk.Run();

        Assert.That(desk.Requests(peer).Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void A_piece_that_was_closed_is_opened_again_and_asked_whole()
    {
        var desk = Desk();
        var peer = desk.Join(reqq: 4);
        desk.Read(0, Piece);
        desk.Run();
        foreach (var block in desk.Asked(peer).ToList())
        {
            desk.Send(peer, block);
        }

        desk.Close(0);
        desk.Run();

        Assert.That(desk.Opened, Does.Contain(0));
        Assert.That(desk.Requests(peer), Does.Contain(new BlockRef(0, 0)));
    }

    [Test]
    public void A_piece_unknown_to_the_scheduler_neither_fails_nor_closes()
    {
        var desk = Desk();
        desk.Join();
        Assert.That(
            () =>
            {
                desk.Scheduler.PieceFailed(7, desk.Now);
                desk.Scheduler.PieceClosed(7, desk.Now);
                desk.Scheduler.Hashed(7, 3);
            },
            Throws.Nothing
        );
        desk.Run();
        Assert.That(desk.Commands, Is.Empty);
    }

    [Test]
    public void A_piece_that_was_evicted_is_wanted_again_and_its_peers_are_told()
    {
        var desk = Desk();
        var peer = desk.Join();
        desk.Find(0);
        desk.Read(0, Piece);
        desk.Run();
        Assert.That(desk.Commands, Is.Empty);

        desk.Evict(0);
        desk.Run();

        Assert.That(desk.Scheduler.IsWanted(0), Is.True);
        Assert.That(desk.Scheduler.IsInterested(peer), Is.True);
        Assert.That(desk.Requests(peer), Is.Not.Empty);
    }

    [Test]
    public void An_open_reader_does_not_end_by_itself_and_a_closed_one_ends_after_its_time()
    {
        var desk = Desk();
        desk.Join(unchoked: false);
        desk.Read(0, Piece);
        desk.Now += 3_600_000_000;
        desk.Run();
        Assert.That(desk.Scheduler.IsWanted(0), Is.True, "an hour later");

        desk.Linger(0, Piece);
        desk.Run();
        Assert.That((desk.Scheduler.IsWanted(0), desk.Wake), Is.EqualTo((true, desk.Now + 1_000_000)));
        desk.Now = desk.Wake;
        desk.Run();
        Assert.That(desk.Scheduler.IsWanted(0), Is.False);
    }

    [Test]
    public void A_closed_reader_waits_for_nothing()
    {
        var desk = Desk();
        var (silent, _) = (desk.Join(), desk.Join(unchoked: false));
        desk.Read(0, Piece);
        desk.Run();
        desk.Linger(0, Piece);
        desk.Run();

        desk.Scheduler.ReaderLingers(new ReaderId(1), new ReaderState(0, Piece, 0, desk.Now), desk.Now + 120_000_000);
        desk.Now += 61_000_000;
        desk.Run();

        Assert.That(desk.Commands.Select(command => command.Kind), Does.Not.Contain(CommandKind.DropPeer));
        Assert.That(desk.Scheduler.OutstandingOf(silent), Is.Positive);
    }

    private static SchedulerDesk Desk(SchedulerLimits? limits = null)
    {
        return new SchedulerDesk(64 << 20, Piece, limits);
    }

    /// <summary>Sends every block of a piece, as it is asked.</summary>
    private static void Deliver(SchedulerDesk desk, PeerSlot peer, int piece)
    {
        for (var i = 0; i < 4 * Blocks && !desk.IsWhole(piece); i++)
        {
            foreach (var block in desk.Asked(peer).Where(block => block.Piece == piece).ToList())
            {
                desk.Send(peer, block);
            }

            desk.Now += 1000;
            desk.Run();
        }

        Assert.That(desk.IsWhole(piece));
    }

    /// <summary>Lets a peer send until it may be asked for all blocks of two pieces, and starts the window afresh.</summary>
    private static void Grow(SchedulerDesk desk, PeerSlot peer)
    {
        desk.Read(40 * Piece, 20 * Piece);
        for (var piece = 40; piece < 50; piece++)
        {
            Deliver(desk, peer, piece);
        }

        desk.StopReading();
        desk.Run();
        foreach (var block in desk.Asked(peer).ToList())
        {
            desk.Reject(peer, block);
            desk.Has(peer, block.Piece);
        }

        desk.Read(0, 2 * Piece);
        desk.Run();
    }

    private static byte[] Bits(SchedulerDesk desk, params int[] pieces)
    {
        var bits = new byte[(desk.Layout.PieceCount + 7) / 8];
        foreach (var piece in pieces)
        {
            bits[piece / 8] |= (byte)(0x80 >> (piece % 8));
        }

        return bits;
    }
}
