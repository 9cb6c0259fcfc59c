using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>The rules of the README, row by row.</summary>
internal sealed class PieceSchedulerTests
{
    private const int MiB = 1 << 20;

    [Test]
    public void No_block_goes_to_a_peer_that_would_finish_after_the_others()
    {
        var desk = new SchedulerDesk();
        var line = new SchedulerLine(desk);
        var peers = new[] { 8_000_000L, 2_000_000, 1_000_000, 300_000 }.Select(rate => line.Join(rate)).ToArray();
        desk.Read(0, 8 * MiB, rate: 1);
        line.Until(() => desk.Scheduler.IsWanted(7) is false); // speeds are known now

        desk.StopReading();
        desk.Run();
        var start = desk.Now;
        desk.Read(20 * MiB, MiB);
        line.Until(() => !desk.Scheduler.IsWanted(20));

        // 1 MiB at 11.3 MB/s and one round trip is 143 ms.
        Assert.That(desk.Now - start, Is.LessThan(230_000));
        var last = line.Arrivals.Where(arrival => arrival.Block.Piece == 20).ToList();
        Assert.That(last.Count(arrival => arrival.Peer == peers[3]), Is.LessThanOrEqualTo(4));
    }

    [Test]
    public void Readers_of_what_is_here_need_no_run_and_leave_nothing_behind()
    {
        var desk = new SchedulerDesk();
        desk.Join();
        foreach (var piece in Enumerable.Range(0, 32))
        {
            desk.Find(piece);
        }

        for (var id = 1; id <= 1000; id++)
        {
            desk.Read((id % 30) * MiB, MiB, id: id);
            Assert.That(desk.NeedsRun, Is.False, "it has all that it wants");
            desk.Linger(((id % 30) + 1) * MiB, MiB, id);
            Assert.That(desk.NeedsRun, Is.False, "and all that the next one may want");
        }

        desk.Run();
        Assert.That(desk.Wake, Is.EqualTo(long.MaxValue));
        Assert.That(desk.Requests(), Is.Empty);

        desk.Read(31 * MiB, 2 * MiB);
        Assert.That(desk.NeedsRun, "piece 32 is not here");
        desk.Run();
        Assert.That(desk.Requests().Select(block => block.Piece).Distinct(), Is.EqualTo(new[] { 32 }));
        desk.Read(0, MiB);
        Assert.That(desk.NeedsRun, "piece 32 is no longer wanted");
        desk.Linger(31 * MiB, 2 * MiB);
        Assert.That(desk.NeedsRun, "it is again");
        desk.StopReading();
        Assert.That(desk.NeedsRun, "and is not");
        desk.StopReading();
        Assert.That(desk.NeedsRun, Is.False, "there was no reader");
    }

    [Test]
    public void A_report_of_a_piece_says_what_is_here_and_who_was_asked_for_the_rest()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join();
        var before = desk.Scheduler.ReportOf(0, desk.Now);
        desk.Read(0, MiB);
        desk.Run();

        var report = desk.Scheduler.ReportOf(0, desk.Now)!;

        var asked = desk.Requests().Count(block => block.Piece == 0);
        Assert.That(before, Is.Null, "it was not being fetched");
        Assert.That((report.Blocks, report.Here, report.InFlight), Is.EqualTo((MiB / PieceLayout.BlockLength, 0, asked)));
        Assert.That(report.From.Select(from => (from.Peer, from.Blocks, from.IsStalled)), Is.EqualTo([(peer, asked, false)]));
        Assert.That(report.From[0].LastAt, Is.GreaterThan(desk.Now));
    }

    [Test]
    public void A_choked_peer_gets_nothing_but_our_interest_and_requests_follow_the_unchoke_at_once()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join(unchoked: false);
        desk.Read(0, MiB);

        desk.Run();
        Assert.That(desk.Commands.Select(command => command.Kind).Single(), Is.EqualTo(CommandKind.Interested));

        desk.Unchoke(peer);
        desk.Run();
        Assert.That(desk.Requests().Count(), Is.GreaterThanOrEqualTo(8));
    }

    [Test]
    public void Allowed_fast_pieces_are_asked_of_a_peer_that_chokes_us_and_only_those()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join(unchoked: false);
        desk.AllowFast(peer, 0);
        desk.Read(0, 4 * MiB);

        desk.Run();

        Assert.That(desk.Requests().Select(block => block.Piece).Distinct().Single(), Is.Zero);
    }

    [Test]
    public void A_block_of_a_silent_owner_is_asked_elsewhere_when_a_reader_waits_for_it()
    {
        var desk = new SchedulerDesk(pieceLength: 64 * 1024);
        var line = new SchedulerLine(desk);
        var stalls = line.Join(4_000_000);
        var works = line.Join(4_000_000);
        desk.Read(0, 64 * 1024);
        line.Until(() => true);
        Assert.That(desk.Asked(stalls), Is.Not.Empty);
        var lost = desk.Asked(stalls)[0];
        line.Stall(stalls);
        var start = desk.Now;

        Assert.That(line.Until(() => !desk.Scheduler.IsWanted(0)), Is.True);

        Assert.That(desk.Now - start, Is.LessThan(1_000_000));
        Assert.That(desk.Send(stalls, lost), Is.EqualTo(Claim.Duplicate));
    }

    [Test]
    public void A_block_ahead_is_not_asked_twice()
    {
        var desk = new SchedulerDesk();
        var line = new SchedulerLine(desk);
        var stalls = line.Join(4_000_000);
        line.Join(4_000_000);
        desk.Read(0, 0, rate: 1_000_000, blocked: false);
        desk.Scheduler.ReaderSet(new ReaderId(1), new ReaderState(0, 8 * MiB, 256 * 1024, -1), desk.Now);
        desk.Verify(0);
        line.Until(() => desk.Asked(stalls).Any(block => block.Piece > 2));
        line.Stall(stalls);

        var before = desk.Scheduler.Hedges;
        line.Until(() => false, within: 400_000);

        Assert.That(desk.Scheduler.Hedges, Is.EqualTo(before));
    }

    [Test]
    public void A_seek_cancels_every_block_outside_the_window_once()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join(rtt: 200_000);
        desk.Read(0, 4 * MiB);
        desk.Run();
        var asked = desk.Requests().ToList();

        desk.Now += 10_000;
        desk.Read(40 * MiB, MiB);
        desk.Run();

        Assert.That(desk.Cancels(peer), Is.EquivalentTo(asked));
        desk.Now += 1000;
        desk.Run();
        Assert.That(desk.Cancels(), Is.Empty);
    }

    [Test]
    public void The_reject_that_answers_a_cancel_is_no_word_about_the_block_asked_for_again()
    {
        var desk = new SchedulerDesk(pieceLength: 256 * 1024);
        var peer = desk.Join(reqq: 4);
        desk.Read(0, 256 * 1024);
        desk.Run();
        var block = desk.Requests(peer).First();
        desk.StopReading();
        desk.Run();
        desk.Reject(peer, desk.Cancels(peer).Last()); // a place in the pipe is free
        desk.Read(0, 256 * 1024);
        desk.Run();
        Assert.That(desk.Requests(peer), Does.Contain(block));

        desk.Reject(peer, block);

        Assert.That(desk.Asked(peer), Does.Contain(block));
        Assert.That(desk.Send(peer, block), Is.EqualTo(Claim.New));
        desk.Run();
        Assert.That(desk.Requests(peer), Is.Not.Empty, "it still has the piece");
    }

    [Test]
    public void A_second_reject_is_about_the_block_asked_for_again()
    {
        var desk = new SchedulerDesk(pieceLength: 256 * 1024);
        var peer = desk.Join(reqq: 4);
        desk.Read(0, 256 * 1024);
        desk.Run();
        var block = desk.Requests(peer).First();
        desk.StopReading();
        desk.Run();
        desk.Reject(peer, desk.Cancels(peer).Last()); // a place in the pipe is free
        desk.Read(0, 256 * 1024);
        desk.Run();

        desk.Reject(peer, block);
        desk.Reject(peer, block);
        desk.Run();

        Assert.That(desk.Asked(peer), Does.Not.Contain(block));
        Assert.That(desk.Requests(peer), Is.Empty, "it lacks the piece");
    }

    [Test]
    public void The_pipe_of_a_peer_without_the_fast_extension_is_free_after_it_has_drained()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join(rtt: 150_000, reqq: 8, fast: false);
        desk.Read(0, 4 * MiB);
        desk.Run();
        desk.Now += 10_000;
        desk.Read(40 * MiB, MiB);
        desk.Run();
        Assert.That(desk.Scheduler.OutstandingOf(peer), Is.EqualTo(8));
        Assert.That(desk.Requests(), Is.Empty, "cancelled requests still occupy the pipe");

        desk.Now += 1_000_000;
        desk.Run();

        Assert.That(desk.Requests(), Is.Not.Empty);
        Assert.That(desk.Requests().Select(block => block.Piece).Distinct().Single(), Is.EqualTo(40));
    }

    [Test]
    public void Two_readers_of_one_piece_ask_each_block_once_and_the_earlier_need_counts()
    {
        var desk = new SchedulerDesk();
        desk.Join();
        desk.Read(0, 2 * MiB, rate: 1_000_000, blocked: false, id: 1);
        desk.Read(MiB, MiB, id: 2);

        desk.Run();

        Assert.That(desk.Requests().Distinct().Count(), Is.EqualTo(desk.Requests().Count()));
        Assert.That(desk.Requests().First().Piece, Is.EqualTo(1).Or.EqualTo(0));
        Assert.That(desk.Requests().Take(4).Select(block => block.Piece), Does.Contain(0).Or.Contain(1));
    }

    [Test]
    public void A_player_is_served_before_one_who_copies_and_the_copier_has_at_least_half_of_the_rest()
    {
        var desk = new SchedulerDesk(total: 512 << 20);
        var line = new SchedulerLine(desk);
        line.Join(4_000_000);
        line.Join(2_000_000);
        const long PlayerAt = 256L * MiB;
        var copied = 0L;
        var late = 0;
        var start = desk.Now;

        // The player takes 1 MB/s and has two seconds in hand; the copier takes whatever is there.
        for (var step = 0; step < 200; step++)
        {
            var player = PlayerAt + ((desk.Now - start) * 1_000_000 / 1_000_000);
            while (!desk.Scheduler.IsWanted((int)(copied / MiB)) && step > 0)
            {
                copied += MiB;
            }

            late += step > 40 && desk.Scheduler.IsWanted((int)(player / MiB)) ? 1 : 0;
            desk.Read(player, 8 * MiB, rate: 1_000_000, blocked: false, id: 1);
            desk.Scheduler.ReaderSet(new ReaderId(2), new ReaderState(copied, copied + (64 * MiB), 1_000_000_000, start), desk.Now);
            line.Until(() => false, within: 50_000);
            desk.Now = start + ((step + 1) * 50_000L);
        }

        // Ten seconds: 60 MB came; the player needed 10 and may have 8 MiB ahead.
        Assert.That(late, Is.Zero);
        Assert.That(copied, Is.GreaterThanOrEqualTo(20 * MiB));
    }

    [Test]
    public void Nothing_is_asked_without_a_grant_and_one_block_with_a_grant_for_one()
    {
        var desk = new SchedulerDesk();
        desk.Join();
        desk.Read(5 * MiB, 4 * MiB);

        desk.Run(new Grant(0, 0));
        Assert.That(desk.Requests(), Is.Empty);

        desk.Run(new Grant(16384, 16384));
        Assert.That(desk.Requests(), Is.EqualTo(new[] { new BlockRef(5, 0) }));
    }

    [Test]
    public void Odd_lengths_end_exactly()
    {
        var total = (3 * 1_572_864L) + 16384 + 1; // pieces of 1.5 MiB, and a last block of one byte
        var desk = new SchedulerDesk(total, 1_572_864);
        var line = new SchedulerLine(desk);
        line.Join(8_000_000);
        desk.Read(0, total);

        Assert.That(line.Until(() => !Enumerable.Range(0, 4).Any(desk.Scheduler.IsWanted)), Is.True);

        Assert.That(line.Arrivals.Select(arrival => arrival.Block), Is.Unique);
        Assert.That(line.Arrivals, Has.Count.EqualTo((3 * 96) + 2));
    }

    [Test]
    public void Blocks_of_a_peer_that_left_are_asked_of_others_in_the_same_run()
    {
        var desk = new SchedulerDesk();
        var leaves = desk.Join();
        desk.Read(0, MiB);
        desk.Run();
        var asked = desk.Requests(leaves).ToList();

        desk.Leave(leaves);
        var other = desk.Join(index: leaves.Index);
        desk.Run();

        Assert.That(desk.Requests(other).Take(asked.Count), Is.EquivalentTo(asked.Take(desk.Requests(other).Count())));
        Assert.That(desk.Send(leaves, asked[0]), Is.EqualTo(Claim.Unasked));
    }

    [Test]
    public void A_peer_that_refuses_or_loses_a_piece_is_not_asked_for_it_again()
    {
        var desk = new SchedulerDesk();
        var refuses = desk.Join(rtt: 1000);
        var other = desk.Join(rtt: 400_000);
        desk.Read(0, MiB);
        for (var i = 0; i < 50; i++)
        {
            desk.Run();
            foreach (var block in desk.Asked(refuses).ToList())
            {
                desk.Reject(refuses, block);
            }

            desk.Now += 1000;
        }

        Assert.That(desk.Asked(refuses), Is.Empty);
        Assert.That(desk.Asked(other), Is.Not.Empty);

        desk.Lost(other, 1);
        desk.Read(MiB, MiB);
        desk.Run();
        Assert.That(desk.Requests(other).Where(block => block.Piece == 1), Is.Empty);
        Assert.That(desk.Requests(refuses).Select(block => block.Piece), Does.Contain(1));
    }

    [Test]
    public void A_piece_with_a_wrong_hash_is_asked_whole_of_one_peer_that_had_no_part_in_it()
    {
        var desk = new SchedulerDesk(pieceLength: 256 * 1024);
        var first = desk.Join(reqq: 16);
        desk.Read(0, 256 * 1024);
        desk.Run();
        foreach (var block in desk.Asked(first).ToList())
        {
            desk.Send(first, block);
        }

        while (!desk.IsWhole(0))
        {
            desk.Now += 1000;
            desk.Run();
            foreach (var block in desk.Asked(first).ToList())
            {
                desk.Send(first, block);
            }
        }

        desk.Join();
        desk.Join();
        desk.Fail(0);
        desk.Run();

        Assert.That(desk.Requests().Count(), Is.GreaterThanOrEqualTo(8));
        var asked = desk.Commands.Where(command => command.Kind == CommandKind.Request).Select(command => command.Peer).Distinct().ToList();
        Assert.That(asked, Has.Count.EqualTo(1));
        Assert.That(asked, Does.Not.Contain(first));
        desk.Now += 5_000;
        desk.Run();
        Assert.That(desk.Requests().Except(desk.Requests(asked[0])), Is.Empty);
    }

    [Test]
    public void A_long_piece_is_never_asked_further_ahead_of_its_hash_than_allowed()
    {
        var desk = new SchedulerDesk(total: 128 << 20, pieceLength: 64 << 20, new SchedulerLimits(2 * MiB, ProbationPieces: false));
        var peer = desk.Join(reqq: 500);
        desk.Read(0, 64 << 20);
        var highest = 0;
        for (var i = 0; i < 300; i++)
        {
            desk.Run();
            foreach (var block in desk.Asked(peer).ToList())
            {
                highest = Math.Max(highest, block.Block);
                desk.Send(peer, block);
            }

            desk.Now += 1000;
        }

        Assert.That(highest, Is.EqualTo(127));
        desk.Hash(0, 64);
        desk.Run();
        Assert.That(desk.Requests().Select(block => block.Block).Max(), Is.InRange(128, 191));
    }

    [TestCase(1, 1)]
    [TestCase(5000, 512)]
    public void The_depth_respects_what_the_peer_accepts_and_what_is_sensible(int reqq, int most)
    {
        var desk = new SchedulerDesk(total: 512 << 20);
        var peer = desk.Join(rtt: 2_000_000, reqq: reqq);
        desk.Read(0, 256 << 20);
        var deepest = 0;
        for (var i = 0; i < 400; i++)
        {
            desk.Run();
            deepest = Math.Max(deepest, desk.Asked(peer).Count);
            foreach (var block in desk.Asked(peer).Take(64).ToList())
            {
                desk.Send(peer, block);
                if (desk.IsWhole(block.Piece))
                {
                    desk.Verify(block.Piece);
                }
            }

            desk.Now += 2000;
        }

        Assert.That(deepest, Is.EqualTo(most));
    }

    [Test]
    public void The_depth_respects_what_the_peer_says_after_it_has_joined()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join(reqq: 250, unchoked: false);
        desk.Read(0, 16 * MiB);
        desk.Queues(peer, 3);

        desk.Unchoke(peer);
        desk.Run();

        Assert.That(desk.Requests(peer).Count(), Is.EqualTo(3));
    }

    [TestCase(true, 1)]
    [TestCase(false, 0, Description = "it is the only one: it would refuse another connection as long as it believes in this one")]
    public void A_peer_that_is_silent_for_twenty_seconds_is_dropped_once(bool others, int expected)
    {
        var desk = new SchedulerDesk();
        var silent = desk.Join();
        if (others)
        {
            desk.Join(seed: false);
        }

        var runs = 0;
        desk.Read(0, MiB);
        desk.Run();
        var drops = 0;
        while (desk.Now < 40_000_000)
        {
            desk.Now = Math.Min(desk.Now + 5_000_000, Math.Max(desk.Wake, desk.Now + 1));
            drops += desk.Run().Count(command => command.Kind == CommandKind.DropPeer && command.Peer == silent);
            runs++;
            Assert.That(drops == 0 || desk.Now >= 21_000_000, Is.True);
        }

        Assert.That(drops, Is.EqualTo(expected));
        Assert.That(runs, Is.LessThan(40 * 55), "at most one every 20 ms");
    }

    [Test]
    public void A_peer_that_gave_nothing_for_a_minute_is_closed_for_others_when_a_reader_waits()
    {
        var desk = new SchedulerDesk();
        var useless = desk.Join(unchoked: false);
        desk.Now += 61_000_000;
        var since = desk.Now;
        desk.Read(0, MiB);
        desk.Run();
        Assert.That(desk.Commands.Select(command => command.Kind), Does.Not.Contain(CommandKind.DropPeer));
        Assert.That(desk.Scheduler.LeastUseful(desk.Now), Is.EqualTo(useless));

        desk.Now = since + 2_500_000;
        desk.Run();

        Assert.That(
            desk.Commands.Where(command => command.Kind == CommandKind.DropPeer).Select(command => command.Peer),
            Is.EqualTo(new[] { useless })
        );
    }

    [Test]
    public void A_peer_whose_connection_is_about_to_be_closed_is_asked_for_nothing_more()
    {
        var desk = new SchedulerDesk();
        var (closes, other) = (desk.Join(), desk.Join());
        desk.Scheduler.PeerCloses(closes);
        desk.Scheduler.PeerCloses(new PeerSlot(77, 1)); // unknown

        desk.Read(0, 16 * MiB);
        desk.Run();

        Assert.That((desk.Requests(closes).Any(), desk.Requests(other).Any()), Is.EqualTo((false, true)));
    }

    [Test]
    public void Interest_ends_a_minute_after_the_last_want()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join(unchoked: false);
        desk.Read(0, MiB);
        desk.Run();
        Assert.That(desk.Scheduler.IsInterested(peer), Is.True);
        desk.StopReading();
        desk.Run();
        Assert.That(desk.Scheduler.IsInterested(peer), Is.True);
        Assert.That(desk.Wake, Is.LessThanOrEqualTo(desk.Now + 60_000_000));

        desk.Now = desk.Wake;
        desk.Run();

        Assert.That(desk.Commands.Single().Kind, Is.EqualTo(CommandKind.NotInterested));
        Assert.That(desk.Wake, Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void A_piece_that_no_reader_wants_any_more_stays_until_its_memory_is_needed()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join();
        desk.Read(0, MiB);
        desk.Run();
        desk.Send(peer, desk.Asked(peer)[0]);
        desk.StopReading();
        desk.Run();
        RejectAll(desk, peer);
        desk.Now += 300_000_000;
        desk.Run();
        Assert.That(desk.Opened, Does.Contain(0));

        desk.Admits = false;
        desk.Read(8 * MiB, MiB, id: 2);
        desk.Run();
        Assert.That(desk.Commands.Select(command => (command.Kind, command.Piece)), Does.Contain((CommandKind.ClosePiece, 0)));
    }

    [Test]
    public void Who_comes_back_to_a_piece_is_sent_only_what_was_missing()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join();
        desk.Read(0, MiB);
        desk.Run();
        var first = desk.Asked(peer)[0];
        desk.Send(peer, first);
        desk.StopReading();
        desk.Run();
        RejectAll(desk, peer);
        desk.Now += 60_000_000;
        desk.Run();

        desk.Read(0, MiB);
        desk.Run();

        Assert.That(desk.Requests(), Is.Not.Empty.And.No.Member(first));
    }

    [Test]
    public void The_piece_with_the_fewest_blocks_that_no_reader_wants_is_given_up_for_others()
    {
        var desk = new SchedulerDesk();
        var peer = desk.Join();
        foreach (var (piece, blocks) in new[] { (0, 3), (9, 1), (18, 2) })
        {
            desk.Read(piece * MiB, MiB);
            desk.Run();
            for (var i = 0; i < blocks; i++)
            {
                desk.Send(peer, desk.Asked(peer).First(block => block.Piece == piece));
            }
        }

        desk.StopReading();
        desk.Run();
        Assert.That(desk.Opened, Is.EquivalentTo(new[] { 0, 9, 18 }));

        desk.Scheduler.SpaceNeeded(isOverdue: false);
        desk.Run();

        Assert.That(desk.Opened, Is.EquivalentTo(new[] { 0, 18 }));
    }

    [Test]
    public void Read_ahead_is_given_up_for_others_that_have_waited_long_and_what_is_waited_for_does_not()
    {
        var desk = new SchedulerDesk(pieceLength: 256 * 1024);
        for (var i = 0; i < 30; i++)
        {
            desk.Join();
        }

        desk.Read(0, 8 * MiB);
        desk.Run();
        var open = desk.Opened.ToList();
        Assert.That(open, Has.Count.GreaterThan(1));

        desk.Scheduler.SpaceNeeded(isOverdue: false);
        desk.Run();
        Assert.That(desk.Opened, Is.SupersetOf(open));

        desk.Admits = false;
        for (var i = 0; i < 20; i++)
        {
            desk.Scheduler.SpaceNeeded(isOverdue: true);
            desk.Run();
        }

        Assert.That(desk.Opened, Is.SupersetOf(new[] { 0, 1, 2, 3 }), "wanted within two seconds");
        Assert.That(desk.Opened, Has.Count.LessThan(open.Count));
    }

    [Test]
    public void A_bounded_number_of_pieces_is_kept_that_no_reader_wants()
    {
        var desk = new SchedulerDesk(total: 512 << 20);
        var peer = desk.Join();
        for (var i = 0; i < 200; i++)
        {
            desk.Read(i * 2L * MiB, MiB);
            desk.Run();
            desk.Send(peer, desk.Asked(peer).First(block => block.Piece == i * 2));
            desk.Read(i * 2L * MiB, 0);
            desk.Run();
            RejectAll(desk, peer);
            desk.Now += 1_000_000;
        }

        Assert.That(desk.Opened, Has.Count.LessThan(80));
    }

    [Test]
    public void A_peer_is_kept_as_long_as_bytes_of_a_block_come()
    {
        var desk = new SchedulerDesk();
        var slow = desk.Join();
        desk.Read(0, MiB);
        desk.Run();
        var block = desk.Asked(slow)[0];

        for (var second = 0; second < 300; second++)
        {
            desk.Now += 1_000_000;
            desk.Scheduler.Heard(slow, desk.Now);
            desk.Run();
            Assert.That(desk.Commands.Select(command => command.Kind), Does.Not.Contain(CommandKind.DropPeer), $"after {second} s");
        }

        Assert.That(desk.Send(slow, block), Is.EqualTo(Claim.New));
    }

    [Test]
    public void What_was_asked_and_does_not_come_is_given_back()
    {
        const int block = PieceLayout.BlockLength;
        var desk = new SchedulerDesk();
        var peer = desk.Join();
        desk.Read(0, MiB);
        desk.Run();
        var asked = desk.Asked(peer).ToList();
        desk.Send(peer, asked[0]);
        Assert.That(desk.Scheduler.DrainUnanswered(), Is.Zero);

        desk.Reject(peer, asked[1]);
        Assert.That(desk.Scheduler.DrainUnanswered(), Is.EqualTo(block));

        desk.Leave(peer);
        Assert.That(desk.Scheduler.DrainUnanswered(), Is.EqualTo((asked.Count - 2) * (long)block));
    }

    [Test]
    public void A_block_that_comes_after_it_was_given_up_is_paid_for()
    {
        const int block = PieceLayout.BlockLength;
        var desk = new SchedulerDesk();
        var peer = desk.Join(fast: false);
        desk.Read(0, MiB);
        desk.Run();
        var asked = desk.Asked(peer).ToList();
        desk.Choke(peer);
        Assert.That(desk.Scheduler.DrainUnanswered(), Is.EqualTo(asked.Count * (long)block));

        desk.Send(peer, asked[0]);

        Assert.That(desk.Scheduler.DrainUnanswered(), Is.EqualTo(-block));
    }

    [Test]
    public void Hedges_cost_no_more_than_their_share()
    {
        var desk = new SchedulerDesk(total: 512 << 20, limits: new SchedulerLimits(16 << 20, 512, 0.05, ProbationPieces: false));
        var line = new SchedulerLine(desk);
        line.Join(4_000_000);
        line.Join(500_000);
        line.Join(100_000);
        for (var i = 0; i < 20; i++)
        {
            desk.Read(i * 20L * MiB, MiB);
            Assert.That(line.Until(() => !desk.Scheduler.IsWanted(i * 20)), Is.True);
        }

        Assert.That(desk.Scheduler.Hedges, Is.LessThanOrEqualTo(16 + (desk.Scheduler.Accepted * 0.05)));
    }

    [Test]
    public void What_is_no_longer_urgent_is_fetched_ahead()
    {
        var desk = new SchedulerDesk(64 * MiB, 256 * 1024);
        desk.Read(0, 2 * MiB, rate: 300_000, blocked: false); // no peer is connected: faster than the swarm, so a whole MiB is urgent
        desk.Run();
        var peer = desk.Join(seed: false);
        desk.Run();
        desk.Now += 1_000_000; // the swarm is the faster one now: two seconds of reading are urgent
        desk.Run();

        desk.Has(peer, 3);
        desk.Run();

        Assert.That(desk.Requests(peer), Is.Not.Empty);
    }

    /// <summary>A peer that drops what it was asked, and says that it has the pieces nevertheless.</summary>
    private static void RejectAll(SchedulerDesk desk, PeerSlot peer)
    {
        foreach (var block in desk.Asked(peer).ToList())
        {
            desk.Reject(peer, block);
            desk.Has(peer, block.Piece);
        }
    }
}
