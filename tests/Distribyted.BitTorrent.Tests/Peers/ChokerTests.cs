using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class ChokerTests
{
    private const long Second = MonotonicClock.Second;
    private const long Start = 1000 * Second;

    private PeerStand _stand = null!;
    private Choker _choker = null!;
    private List<Peer> _peers = null!;

    [SetUp]
    public void Open()
    {
        _stand = new PeerStand();
        _choker = new Choker();
        _peers = [];
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _stand.DisposeAsync();
    }

    [TestCase(-1, ExpectedResult = true, TestName = "Due_before_the_first_round")]
    [TestCase(0, ExpectedResult = false, TestName = "Due_at_once_after_a_round")]
    [TestCase((10 * Second) - 1, ExpectedResult = false, TestName = "Due_just_before_ten_seconds")]
    [TestCase(10 * Second, ExpectedResult = true, TestName = "Due_after_ten_seconds")]
    public bool Due_after(long sinceRound)
    {
        if (sinceRound >= 0)
        {
            _choker.Round(_peers, 1, onlyGive: false, static _ => true, Start);
        }

        return _choker.IsDue(Start + sinceRound);
    }

    // One letter per peer: U unchoked and interested, u unchoked and not interested, C choked and interested, c neither.
    [TestCase("", 0, ExpectedResult = true, TestName = "Free_slot_is_the_optimistic_one_when_there_are_none")]
    [TestCase("U", 0, ExpectedResult = false, TestName = "Free_slot_when_the_optimistic_one_is_taken")]
    [TestCase("UU", 2, ExpectedResult = true, TestName = "Free_slot_with_the_optimistic_one_left")]
    [TestCase("UUU", 2, ExpectedResult = false, TestName = "Free_slot_with_all_taken")]
    [TestCase("UUu", 2, ExpectedResult = true, TestName = "Free_slot_as_a_peer_that_is_not_interested_takes_none")]
    [TestCase("UUCc", 2, ExpectedResult = true, TestName = "Free_slot_as_choked_peers_take_none")]
    public bool Free_slot(string peers, int slots)
    {
        foreach (var letter in peers)
        {
            Join(isInterested: char.IsUpper(letter)).AmChoking = char.ToUpperInvariant(letter) == 'C';
        }

        return _choker.HasFreeSlot(_peers, slots);
    }

    // Bytes that each peer has sent since the last round, negative: it is not interested. Who waited longest is first. Letters of those that are unchoked.
    [TestCase("5 9 7 1", 2, ExpectedResult = "abc", TestName = "While_reading_those_who_send_most_and_an_optimistic_one")]
    [TestCase("1 5 9 7", 1, ExpectedResult = "ac", TestName = "While_reading_the_optimistic_one_is_who_waited_longest")]
    [TestCase("5 9 7", 2, ExpectedResult = "abc", TestName = "While_reading_all_when_the_slots_are_just_enough")]
    [TestCase("5 9 7", 8, ExpectedResult = "abc", TestName = "While_reading_all_when_there_are_more_slots")]
    [TestCase("5 -9 7 1", 1, ExpectedResult = "ac", TestName = "While_reading_only_those_that_are_interested")]
    [TestCase("-5 -9", 2, ExpectedResult = "", TestName = "While_reading_no_peer_when_none_is_interested")]
    [TestCase("5 9 7", 0, ExpectedResult = "a", TestName = "While_reading_only_the_optimistic_one_without_slots")]
    [TestCase("", 4, ExpectedResult = "", TestName = "While_reading_no_peer_when_none_is_connected")]
    public string While_reading(string sent, int slots)
    {
        foreach (var bytes in sent.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse))
        {
            var peer = Join(isInterested: bytes > 0);
            peer.UnchokedAt = _peers.Count;
            Send(peer, Math.Abs(bytes));
        }

        return Round(slots, onlyGive: false, Start);
    }

    [Test]
    public void Bytes_count_in_one_round_only()
    {
        Send(Join(), 100);
        Send(Join(isInterested: false), 1);

        Round(1, onlyGive: false, Start);

        Assert.That(_peers.ConvertAll(SentBy), Is.EqualTo(new long[] { 0, 0 }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_peer_that_may_not_have_anything_gets_no_slot(bool onlyGive)
    {
        Join();
        Send(Join(), 100);

        Assert.That(Round(2, onlyGive, Start, static p => p.AtLastRound == default), Is.EqualTo("a"));
    }

    [Test]
    public void The_optimistic_slot_goes_to_who_waited_longest_and_is_kept_for_half_a_minute()
    {
        Send(Join(), 100);
        Join().UnchokedAt = Start - 1;
        Join().UnchokedAt = Start - 3;
        Join().UnchokedAt = Start - 2;
        var chosen = new List<string>();
        for (var now = Start; now <= Start + (60 * Second); now += Choker.RoundLength)
        {
            Send(_peers[0], 100);
            chosen.Add(Round(1, onlyGive: false, now));
        }

        Assert.That(chosen, Is.EqualTo(new[] { "ac", "ac", "ac", "ad", "ad", "ad", "ab" }));
    }

    [TestCase(true, TestName = "The_optimistic_slot_goes_on_when_its_peer_earned_a_slot")]
    [TestCase(false, TestName = "The_optimistic_slot_goes_on_when_its_peer_lost_interest")]
    public void The_optimistic_slot_goes_on_when(bool earnedASlot)
    {
        Send(Join(), 100);
        Join();
        Join().UnchokedAt = 1;
        Assert.That(Round(1, onlyGive: false, Start), Is.EqualTo("ab"));

        Send(_peers[0], earnedASlot ? 0 : 100);
        Send(_peers[1], earnedASlot ? 100 : 0);
        _peers[1].IsInterested = earnedASlot;
        _peers[0].IsInterested = !earnedASlot;

        Assert.That(Round(1, onlyGive: false, Start + (10 * Second)), Is.EqualTo(earnedASlot ? "bc" : "ac"));
    }

    // Peer a has had the slot for so long; b waits and sends more, c has the optimistic one.
    [TestCase((60 * Second) - 1, ExpectedResult = true, TestName = "While_seeding_a_slot_is_kept_for_less_than_a_minute")]
    [TestCase(60 * Second, ExpectedResult = false, TestName = "While_seeding_a_slot_is_given_up_after_a_minute")]
    public bool While_seeding_a_slot_is_kept(long served)
    {
        var now = Start + served;
        var (a, b) = (Join(), Join());
        (a.AmChoking, a.UnchokedAt) = (false, Start);
        b.UnchokedAt = Start - Second;
        Send(b, 100);
        Join().UnchokedAt = Start - (2 * Second);

        return Round(1, onlyGive: true, now).Contains('a', StringComparison.Ordinal);
    }

    [Test]
    public void While_seeding_those_who_waited_longest_come_first()
    {
        for (var i = 0; i < 5; i++)
        {
            Join().UnchokedAt = Start - (i * Second);
            Send(_peers[i], 100 - i);
        }

        Assert.That(Round(2, onlyGive: true, Start), Is.EqualTo("cde"));
    }

    [Test]
    public void While_seeding_a_crowd_every_peer_is_served_for_a_minute_and_then_others_are()
    {
        const int Slots = 4;
        for (var i = 0; i < 20; i++)
        {
            Join();
        }

        var rounds = new Dictionary<char, int>();
        for (var now = Start; now < Start + (600 * Second); now += Choker.RoundLength)
        {
            var unchoked = Round(Slots, onlyGive: true, now);
            Assert.That(unchoked, Has.Length.EqualTo(Slots + 1));
            foreach (var name in unchoked)
            {
                rounds[name] = rounds.GetValueOrDefault(name) + 1;
            }
        }

        Assert.That(rounds, Has.Count.EqualTo(20));
        Assert.That(rounds.Values.Min(), Is.GreaterThanOrEqualTo(6), "a minute at least");
        Assert.That(rounds.Values.Max(), Is.LessThanOrEqualTo(30), "twice its share at most");
    }

    // With few more peers than slots, too, no peer waits for ever.
    [TestCase(true, 1, 3, TestName = "While_seeding_with_two_peers_too_many_each_is_served")]
    [TestCase(true, 8, 10, TestName = "While_seeding_with_one_peer_too_many_each_is_served")]
    [TestCase(false, 1, 3, TestName = "While_reading_with_two_for_the_optimistic_slot_each_is_served")]
    public void Each_is_served(bool onlyGive, int slots, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Join();
        }

        var served = new HashSet<char>();
        for (var now = Start; now < Start + (1200 * Second); now += Choker.RoundLength)
        {
            Send(_peers[0], 100);
            var unchoked = Round(slots, onlyGive, now);
            if (now >= Start + (600 * Second)) // the first minutes are kind to peers that never had a slot
            {
                served.UnionWith(unchoked);
            }
        }

        Assert.That(served, Has.Count.EqualTo(count));
    }

    private Peer Join(bool isInterested = true)
    {
        var peer = _stand.Connect(new ExtensionHandshake());
        peer.IsInterested = isInterested;
        _peers.Add(peer);
        return peer;
    }

    /// <summary>So much has come from the peer since the last round.</summary>
    private static void Send(Peer peer, long bytes)
    {
        peer.AtLastRound = (peer.Downloaded - bytes, peer.Uploaded);
    }

    private static long SentBy(Peer peer)
    {
        return peer.Downloaded - peer.AtLastRound.Downloaded;
    }

    private char NameOf(Peer peer)
    {
        return (char)('a' + _peers.IndexOf(peer));
    }

    /// <summary>A round, applied as a swarm does. Names of those that are unchoked now.</summary>
    private string Round(int slots, bool onlyGive, long now, Func<Peer, bool>? mayUpload = null)
    {
        var verdicts = _choker.Round(_peers, slots, onlyGive, mayUpload ?? (static _ => true), now);
        Assert.That(verdicts.ConvertAll(static v => v.Peer), Is.EqualTo(_peers));
        foreach (var (peer, unchoke) in verdicts)
        {
            if (peer.AmChoking == unchoke)
            {
                (peer.AmChoking, peer.UnchokedAt) = (!unchoke, now);
            }
        }

        return new string([.. _peers.Where(static p => !p.AmChoking).Select(NameOf)]);
    }
}
