namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>How much is asked of a peer at once, and when its answers are expected: what is measured of its line, and how its TCP connection begins.</summary>
internal sealed class PeerPipeTests
{
    private const int Block = SchedulerParts.Block;
    private const int Most = 512;
    private const long Rtt = SchedulerParts.Rtt;
    private const long BlockTime = 16384; // microseconds at 1 MB/s, which is assumed of a new peer
    private const long ShortRtt = 5_000; // the first ten segments are more than a line of 1 MB/s carries in it: the line alone is the limit

    private SchedulerParts _parts = new();

    [SetUp]
    public void SetUp()
    {
        _parts = new SchedulerParts();
    }

    [TestCase(250_000, 50_000, 4)]
    [TestCase(2_000_000, 50_000, 20)]
    [TestCase(2_000_000, 200_000, 38)]
    [TestCase(20_000_000, 50_000, 185)]
    public void What_its_line_carries_in_a_round_trip_and_a_tenth_of_a_second_is_asked_and_two_blocks(long rate, long rtt, int depth)
    {
        var peer = _parts.Join(rtt: rtt);

        Transfer(peer, rate, rtt, 2000);

        Assert.That(peer.Depth(Most), Is.EqualTo(depth).Within(1).Percent);
    }

    [Test]
    public void A_new_peer_is_asked_one_more_for_each_block_that_finds_its_queue_full()
    {
        var peer = _parts.Join();
        Queue(peer, 8);
        Answer(peer, 1);
        Assert.That(peer.Depth(Most), Is.EqualTo(9));

        Answer(peer, 5); // seven wait and fewer, of nine
        Assert.That(peer.Depth(Most), Is.EqualTo(9));
    }

    // Blocks in each round trip. The first round ends with its first block.
    [TestCase(new[] { 10, 13, 1 }, true, Description = "a quarter more: the line is not full yet")]
    [TestCase(new[] { 10, 12, 1 }, false, Description = "less")]
    [TestCase(new[] { 8, 10, 1 }, false, Description = "a quarter and no more")]
    [TestCase(new[] { 10, 13, 17, 22, 1 }, true)]
    [TestCase(new[] { 10, 13, 15, 1 }, false)]
    public void A_new_peer_is_asked_ever_more_until_a_round_trip_brings_no_quarter_more_than_the_one_before(int[] rounds, bool grows)
    {
        var peer = _parts.Join();
        Queue(peer, 300); // as full as it may be

        foreach (var blocks in rounds)
        {
            Round(peer, blocks);
        }

        Assert.That(peer.Depth(Most), grows ? Is.EqualTo(8 + rounds.Sum()) : Is.GreaterThan(8 + rounds.Sum()), "what is measured counts");
    }

    [Test]
    public void A_peer_that_is_not_asked_all_that_it_may_be_does_not_show_what_its_line_carries()
    {
        var peer = _parts.Join();

        for (var round = 0; round < 5; round++)
        {
            Round(peer, 3);
        }

        Assert.That(peer.Depth(Most), Is.EqualTo(8));
    }

    [Test]
    public void A_round_lasts_50_ms_however_near_the_peer_is()
    {
        var peer = _parts.Join(rtt: ShortRtt);
        Queue(peer, 300);

        for (var burst = 0; burst < 3; burst++)
        {
            _parts.Now += 12_000;
            Round(peer, 10, ShortRtt);
        }

        Assert.That(peer.Depth(Most), Is.EqualTo(38), "one round is over, and there is none to compare it with");
    }

    [Test]
    public void A_pause_is_no_round_without_growth()
    {
        var peer = _parts.Join();
        Queue(peer, 300);
        Round(peer, 10);
        Round(peer, 13);
        _parts.Now += 1_000_000;

        peer.PipeRestarts(_parts.Now);
        Round(peer, 5);
        Round(peer, 1);

        Assert.That(peer.Depth(Most), Is.EqualTo(8 + 29));
    }

    [Test]
    public void While_it_grows_twice_what_its_speed_needs_is_asked_at_most_and_eight()
    {
        var peer = _parts.Join(rtt: 1_000_000);
        Queue(peer, 300);

        foreach (var blocks in new[] { 1, 2, 3, 4, 6, 8, 11, 14 })
        {
            var sent = _parts.Now;
            for (var i = 0; i < blocks; i++)
            {
                _parts.Now = sent + ((i + 1) * 1_000_000L / blocks);
                peer.Measure(new Request(0, 0, sent - 1_000_000, 0, false, 0), Block, _parts.Now, Most);
            }
        }

        // 14 blocks a second: 15 for the round trip and a tenth of a second, and two; at the end less are measured than came at last.
        Assert.That(peer.Depth(Most), Is.InRange(8 + (2 * 11), 8 + (2 * 17)));
    }

    // others asked just before, microseconds until a block that is asked now is here
    [TestCase(0, ShortRtt + BlockTime)]
    [TestCase(1, 2 * BlockTime)]
    [TestCase(3, 4 * BlockTime)]
    public void A_block_that_is_asked_of_an_idle_peer_takes_a_round_trip_or_the_blocks_before_it(int others, long expected)
    {
        var peer = _parts.Join(rtt: ShortRtt);

        Assert.That(peer.ArrivalIfAsked(_parts.Now, others) - _parts.Now, Is.EqualTo(expected));
    }

    // four blocks are asked; microseconds since then, and from then until one that is asked now is here
    [TestCase(0, ShortRtt + (5 * BlockTime))]
    [TestCase(2_000, ShortRtt + (5 * BlockTime), Description = "the first answer is under way")]
    [TestCase(10_000, 10_000 + (5 * BlockTime), Description = "it is late, and may come now")]
    public void A_block_that_is_asked_behind_others_comes_after_them(long after, long expected)
    {
        var (peer, piece) = (_parts.Join(rtt: ShortRtt), _parts.Open(0));
        _parts.Ask(peer, piece, 0, 1, 2, 3);

        Assert.That(peer.ArrivalIfAsked(_parts.Now + after) - _parts.Now, Is.EqualTo(expected));
    }

    // place in the queue, microseconds since it was asked, and from then until its answer
    [TestCase(0, 0, ShortRtt + BlockTime)]
    [TestCase(2, 0, ShortRtt + (3 * BlockTime))]
    [TestCase(2, 2_000, ShortRtt + (3 * BlockTime))]
    [TestCase(0, 10_000, 10_000 + BlockTime)]
    [TestCase(2, 10_000, 10_000 + (3 * BlockTime))]
    public void Answers_come_in_the_order_of_requests(int index, long after, long expected)
    {
        var (peer, piece) = (_parts.Join(rtt: ShortRtt), _parts.Open(0));
        _parts.Ask(peer, piece, 0, 1, 2);

        Assert.That(peer.ArrivalOf(index, _parts.Now + after) - _parts.Now, Is.EqualTo(expected));
    }

    [Test]
    public void An_answer_takes_a_round_trip_even_if_those_before_it_are_about_to_come()
    {
        var (peer, piece) = (Carried(6), _parts.Open(0));
        _parts.Ask(peer, piece, 0);
        _parts.Now += Rtt;
        _parts.Ask(peer, piece, 1);

        Assert.That(peer.ArrivalOf(1, _parts.Now) - _parts.Now, Is.EqualTo(Rtt + BlockTime));
    }

    [Test]
    public void A_stalled_peer_is_expected_to_be_silent_as_long_again()
    {
        var (peer, piece) = (_parts.Join(rtt: ShortRtt), _parts.Open(0));
        _parts.Ask(peer, piece, 0, 1);
        var later = _parts.Now + 1_000_000;
        Assert.That(peer.ArrivalOf(0, later), Is.EqualTo(later + BlockTime), "it is not known yet that it stalls");

        Assert.That(peer.CheckStalled(later, out var next));

        Assert.That(peer.ArrivalOf(0, later), Is.EqualTo(later + 1_000_000));
        Assert.That(next, Is.EqualTo(long.MaxValue), "only an answer changes that");
    }

    // 10, 20, 40, 80 segments of 1448 bytes in four round trips after the one of the request are 14,480, 43,440, 101,360 and 217,200 bytes.
    [TestCase(1, 0)]
    [TestCase(2, 2)]
    [TestCase(3, 6)]
    [TestCase(4, 13)]
    public void A_new_connection_sends_ten_segments_and_twice_as_many_in_each_round_trip_that_follows(int roundTrips, int blocks)
    {
        Assert.That(BlocksWithin(_parts.Join(), roundTrips), Is.EqualTo(blocks));
    }

    [Test]
    public void What_a_new_connection_will_have_sent_does_not_move_while_the_first_answer_is_under_way()
    {
        var (peer, piece) = (_parts.Join(), _parts.Open(0));
        _parts.Ask(peer, piece, 0, 1);
        var (now, expected) = (_parts.Now, peer.ArrivalIfAsked(_parts.Now));

        Assert.That(expected - now, Is.GreaterThan(Rtt + (3 * BlockTime)), "slower than its line");
        Assert.That(peer.ArrivalIfAsked(now + Rtt), Is.EqualTo(expected));
        Assert.That(
            peer.ArrivalIfAsked(now + Rtt + 30_000),
            Is.EqualTo(expected + 30_000),
            "nothing came: it begins a round trip ago at the earliest"
        );
    }

    [TestCase(5, false)]
    [TestCase(6, true, Description = "14,480 and 98,304 bytes are more than twice the 50,000 of a round trip")]
    public void A_connection_that_has_sent_twice_what_its_line_carries_in_a_round_trip_is_limited_by_the_line(int sent, bool byLine)
    {
        var peer = Carried(sent);

        Assert.That(peer.ArrivalIfAsked(_parts.Now, others: 2) - _parts.Now == Rtt + BlockTime, Is.EqualTo(byLine));
    }

    // milliseconds without a request; blocks within two round trips of 50 ms, of which the line would carry 122
    [TestCase(600, 61, Description = "after four times the line, halved twice: 1,000,000 bytes")]
    [TestCase(800, 30)]
    [TestCase(1100, 15)]
    [TestCase(1300, 7)]
    [TestCase(60_000, 0, Description = "as a new connection")]
    public void A_connection_that_paused_begins_with_half_for_each_round_trip_and_a_fifth_of_a_second(int idle, int blocks)
    {
        var peer = _parts.Join();
        Transfer(peer, 20_000_000, Rtt, 2000);
        peer.Requests.Clear();
        _parts.Now += idle * 1000L;

        peer.PipeRestarts(_parts.Now);

        Assert.That(BlocksWithin(peer, 1), Is.EqualTo(blocks).Within(1));
    }

    [TestCase(1_000_000, 250_000)]
    [TestCase(100_000, 655_360, Description = "four blocks of a slow line")]
    public void It_may_be_silent_for_four_blocks_or_a_quarter_of_a_second_and_a_round_trip(long rate, long expected)
    {
        var peer = _parts.Join();
        Transfer(peer, rate, Rtt, 200);

        Assert.That(peer.Patience(), Is.EqualTo(expected + Rtt).Within(1).Percent);
    }

    [TestCase(100_000, 0, Description = "of two that were asked, the first came")]
    [TestCase(0, 5_000_000, Description = "it was asked long after its last block")]
    public void Silence_before_a_stall_begins_with_the_last_block_or_request(long answersAfter, long asksAfter)
    {
        var (peer, piece) = (_parts.Join(), _parts.Open(0));
        _parts.Ask(peer, piece, 0, 1);
        _parts.Now += answersAfter;
        _parts.Receive(peer, 0, 0);
        if (asksAfter > 0)
        {
            _parts.Receive(peer, 0, 1);
            _parts.Now += asksAfter;
            _parts.Ask(peer, piece, 2);
        }

        Assert.That(peer.CheckStalled(_parts.Now, out var next), Is.False);

        Assert.That(next, Is.EqualTo(_parts.Now + peer.Patience() + 1));
    }

    [Test]
    public void More_than_1_GB_per_second_is_not_believed()
    {
        var peer = _parts.Join();

        for (var i = 0; i < 10_000; i++)
        {
            peer.Measure(new Request(0, 0, _parts.Now, 0, false, 0), Block, _parts.Now, Most);
        }

        Assert.That(peer.Rate, Is.EqualTo(1e9).Within(1));
        Assert.That(peer.BlockTime, Is.EqualTo(16));
    }

    // microseconds from request to block, and the round trip
    [TestCase(46_384, 30_000, Description = "without the time of the block on the line")]
    [TestCase(10_000, 5_000, Description = "of which it is half at most")]
    [TestCase(100, 100)]
    [TestCase(106_384, 50_000, Description = "the dial was quicker")]
    public void An_answer_to_an_idle_peer_is_a_round_trip_and_a_block(long elapsed, long rtt)
    {
        var peer = _parts.Join();

        Sample(peer, elapsed);

        Assert.That(peer.Rtt, Is.EqualTo(rtt));
    }

    [Test]
    public void The_quickest_round_trip_of_the_last_half_minute_counts()
    {
        var peer = _parts.Join();
        var begin = _parts.Now;

        SampleAt(begin + 30_000_000);
        Assert.That(peer.Rtt, Is.EqualTo(Rtt), "the dial is of this half minute");
        SampleAt(begin + 62_000_000);
        Assert.That(peer.Rtt, Is.EqualTo(Rtt), "of the one before");
        SampleAt(begin + 95_000_000);
        Assert.That(peer.Rtt, Is.GreaterThan(2 * Rtt));

        void SampleAt(long at)
        {
            _parts.Now = at - 300_000;
            Sample(peer, 300_000);
        }
    }

    [TestCase(1_000, true, Description = "a proxy or a relay answered the dial")]
    [TestCase(60_000, false)]
    public void A_dial_that_was_answered_by_something_much_nearer_is_corrected_by_the_third_round_trip(long dial, bool isCorrected)
    {
        var peer = _parts.Join(rtt: dial);

        Sample(peer, 200_000);
        Sample(peer, 200_000);
        Assert.That(peer.Rtt, Is.EqualTo(dial));
        Sample(peer, 200_000);
        Assert.That(peer.Rtt, isCorrected ? Is.AtLeast(100_000) : Is.EqualTo(dial));
        Sample(peer, 2_000_000);
        Assert.That(peer.Rtt, isCorrected ? Is.InRange(100_000, 200_000) : Is.EqualTo(dial), "once");
    }

    /// <summary>Asked all that it may be, again after each block, it sends block by block at this speed.</summary>
    private void Transfer(PeerState peer, long rate, long rtt, int blocks)
    {
        var (blockTime, free) = (16384 * 1_000_000L / rate, _parts.Now);
        for (var i = 0; i < blocks; i++)
        {
            while (peer.Requests.Count < peer.Depth(Most))
            {
                peer.Requests.Enqueue(new Request(0, i, _parts.Now, 0, false, 0));
            }

            free = Math.Max(free, peer.Requests[0].SentAt + rtt) + blockTime;
            _parts.Now = free;
            Answer(peer, 1);
        }
    }

    private static void Queue(PeerState peer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            peer.Requests.Enqueue(new Request(0, i, 1_000_000, 0, false, 0));
        }
    }

    /// <summary>The oldest requests are answered now.</summary>
    private void Answer(PeerState peer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            peer.Measure(peer.Requests[0], Block, _parts.Now, Most);
            peer.Requests.RemoveAt(0);
        }
    }

    /// <summary>So many blocks, asked now, come after a round trip at 20 MB/s.</summary>
    private void Round(PeerState peer, int blocks, long rtt = Rtt)
    {
        var sent = _parts.Now;
        _parts.Now += rtt;
        for (var i = 0; i < blocks; i++)
        {
            _parts.Now += 819;
            peer.Measure(new Request(0, 0, sent, 0, false, 0), Block, _parts.Now, Most);
        }
    }

    /// <summary>A peer that has sent so many blocks at 1 MB/s, as is assumed of it.</summary>
    private PeerState Carried(int blocks)
    {
        var peer = _parts.Join();
        var sent = _parts.Now;
        _parts.Now += Rtt;
        for (var i = 0; i < blocks; i++)
        {
            _parts.Now += BlockTime;
            peer.Measure(new Request(0, 0, sent, 0, false, 0), Block, _parts.Now, Most);
        }

        return peer;
    }

    private void Sample(PeerState peer, long elapsed)
    {
        var sent = _parts.Now;
        _parts.Now += elapsed;
        peer.Measure(new Request(0, 0, sent, 0, true, 0), Block, _parts.Now, Most);
    }

    /// <summary>How many blocks that are asked now are here within the round trip of the request and so many more.</summary>
    private int BlocksWithin(PeerState peer, int roundTrips)
    {
        var end = _parts.Now + ((1 + roundTrips) * peer.Rtt);
        return Enumerable.Range(0, 300).TakeWhile(others => peer.ArrivalIfAsked(_parts.Now, others) <= end).Count();
    }
}
