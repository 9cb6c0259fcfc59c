using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

internal sealed class TokenKeeperTests
{
    private static readonly PeerEndPoint Asker = DhtBench.At("20.0.0.1");
    private static readonly NodeId Torrent = DhtBench.RandomId();

    [TestCase(0, true)]
    [TestCase(299, true)]
    [TestCase(301, true)]
    [TestCase(599, true)]
    [TestCase(600, false)]
    [TestCase(100_000, false)]
    public void A_token_is_good_for_five_to_ten_minutes(int seconds, bool isGood)
    {
        var keeper = new TokenKeeper();
        var token = Make(keeper, Asker, Torrent, TimeSpan.Zero);

        Assert.That(keeper.IsValid(token, Asker, Torrent, TimeSpan.FromSeconds(seconds)), Is.EqualTo(isGood));
    }

    [Test]
    public void A_token_is_good_for_its_address_and_torrent_only()
    {
        var keeper = new TokenKeeper();
        var token = Make(keeper, Asker, Torrent, TimeSpan.Zero);

        Assert.That(keeper.IsValid(token, DhtBench.At("20.0.0.1", 9), Torrent, TimeSpan.Zero), Is.True, "the port may differ");
        Assert.That(keeper.IsValid(token, DhtBench.At("20.0.0.2"), Torrent, TimeSpan.Zero), Is.False);
        Assert.That(keeper.IsValid(token, Asker, DhtBench.RandomId(), TimeSpan.Zero), Is.False);
        Assert.That(keeper.IsValid([], Asker, Torrent, TimeSpan.Zero), Is.False);
        Assert.That(keeper.IsValid(token.AsSpan(1), Asker, Torrent, TimeSpan.Zero), Is.False);
        Assert.That(new TokenKeeper().IsValid(token, Asker, Torrent, TimeSpan.Zero), Is.False, "the secret is of this process");
    }

    private static byte[] Make(TokenKeeper keeper, PeerEndPoint asker, NodeId torrent, TimeSpan now)
    {
        var token = new byte[TokenKeeper.Length];
        keeper.Make(asker, torrent, token, now);
        return token;
    }
}

internal sealed class PeerStoreTests
{
    private static readonly NodeId Torrent = DhtBench.RandomId();

    [Test]
    public void A_peer_is_known_for_forty_minutes_from_its_last_announce()
    {
        var store = new PeerStore();
        store.Add(Torrent, DhtBench.Public(1), TimeSpan.Zero);
        store.Add(Torrent, DhtBench.Public(2), TimeSpan.Zero);
        store.Add(Torrent, DhtBench.Public(1), TimeSpan.FromMinutes(30));

        Assert.That(Found(store, TimeSpan.FromMinutes(39)), Is.EquivalentTo(new[] { DhtBench.Public(1), DhtBench.Public(2) }));
        Assert.That(Found(store, TimeSpan.FromMinutes(41)), Is.EqualTo(new[] { DhtBench.Public(1) }));
        Assert.That(Found(store, TimeSpan.FromMinutes(71)), Is.Empty);
        Assert.That(store.Count, Is.Zero);
    }

    [Test]
    public void At_most_a_hundred_are_told_and_not_always_the_same()
    {
        var store = new PeerStore();
        for (var i = 0; i < 250; i++)
        {
            store.Add(Torrent, DhtBench.Public(i), TimeSpan.FromSeconds(i));
        }

        var told = Enumerable.Range(0, 50).SelectMany(_ => Found(store, TimeSpan.FromSeconds(250))).ToHashSet();

        Assert.That(Found(store, TimeSpan.FromSeconds(250)), Has.Count.EqualTo(100));
        Assert.That(told, Has.Count.InRange(101, PeerStore.MaxPeersPerTorrent));
        Assert.That(told, Does.Not.Contain(DhtBench.Public(0)), "the oldest went");
    }

    [Test]
    public void The_number_of_torrents_and_of_peers_is_limited()
    {
        var store = new PeerStore();
        for (var torrent = 0; torrent < 3 * PeerStore.MaxTorrents; torrent++)
        {
            var id = new NodeId([.. BitConverter.GetBytes(torrent), .. new byte[16]]);
            for (var i = 0; i < 30; i++)
            {
                store.Add(id, DhtBench.Public(i), TimeSpan.Zero);
            }
        }

        Assert.That(store.Count, Is.LessThanOrEqualTo(PeerStore.MaxPeers));
    }

    private static List<PeerEndPoint> Found(PeerStore store, TimeSpan now)
    {
        List<PeerEndPoint> found = [];
        store.Find(Torrent, 100, now, found);
        return found;
    }
}

internal sealed class QueryLimiterTests
{
    [Test]
    public void The_eleventh_question_in_ten_seconds_is_ignored_and_all_for_five_minutes()
    {
        var limiter = new QueryLimiter();
        var passed = Enumerable
            .Range(0, 20)
            .Count(i => limiter.TryPass(DhtBench.At("20.0.0.1", 7000 + i), 100, false, TimeSpan.FromSeconds(1)));

        Assert.That(passed, Is.EqualTo(10));
        Assert.That(limiter.TryPass(DhtBench.At("20.0.0.1"), 100, false, TimeSpan.FromSeconds(300)), Is.False);
        Assert.That(limiter.IsBlocked(DhtBench.At("20.0.0.1"), TimeSpan.FromSeconds(300)), Is.True);
        Assert.That(limiter.IsBlocked(DhtBench.At("20.0.0.2"), TimeSpan.FromSeconds(300)), Is.False);
        Assert.That(limiter.TryPass(DhtBench.At("20.0.0.1"), 100, false, TimeSpan.FromSeconds(302)), Is.True);
    }

    [Test]
    public void Ten_questions_in_each_ten_seconds_are_fine()
    {
        var limiter = new QueryLimiter();

        Assert.That(
            Enumerable.Range(0, 1000).All(i => limiter.TryPass(DhtBench.At("20.0.0.1"), 100, false, TimeSpan.FromSeconds(i * 1.01))),
            Is.True
        );
    }

    [Test]
    public void An_IPv6_network_is_one_client_and_end_points_on_loopback_are_many()
    {
        var limiter = new QueryLimiter();

        Assert.That(
            Enumerable.Range(1, 20).Count(i => limiter.TryPass(DhtBench.At($"2a01:1:2:3::{i}"), 100, false, TimeSpan.Zero)),
            Is.EqualTo(10)
        );
        Assert.That(
            Enumerable.Range(1, 20).Count(i => limiter.TryPass(DhtBench.At("127.0.0.1", i), 100, false, TimeSpan.Zero)),
            Is.EqualTo(20)
        );
    }
}

internal sealed class AnswerBudgetTests
{
    [Test]
    public void Eight_thousand_bytes_a_second_are_sent_and_half_of_that_to_unproved_addresses()
    {
        Assert.That(SentIn(TimeSpan.FromSeconds(10), isProved: true), Is.InRange(87_000, 88_000)); // 8000 at once, 8000 in each second
        Assert.That(SentIn(TimeSpan.FromSeconds(10), isProved: false), Is.InRange(83_000, 84_000));

        var budget = new AnswerBudget();
        while (budget.TryTake(100, isProved: false, TimeSpan.Zero)) { }
        Assert.That(budget.TryTake(1000, isProved: true, TimeSpan.Zero), Is.True, "those who proved their address still get answers");
    }

    private static int SentIn(TimeSpan time, bool isProved)
    {
        var budget = new AnswerBudget();
        var sent = 0;
        for (var now = TimeSpan.Zero; now <= time; now += TimeSpan.FromMilliseconds(1))
        {
            while (budget.TryTake(100, isProved, now))
            {
                sent += 100;
            }
        }

        return sent;
    }
}

internal sealed class ReachabilityTests
{
    [Test]
    public void Without_queries_from_others_it_is_read_only_after_a_quarter_of_an_hour_and_tries_again_after_an_hour()
    {
        var reachability = new Reachability();
        Assert.That(reachability.Check(TimeSpan.FromHours(1)), Is.False, "no node answers: that says nothing");
        reachability.Working(TimeSpan.Zero);

        Assert.That(reachability.Check(TimeSpan.FromMinutes(14)), Is.False);
        Assert.That(reachability.Check(TimeSpan.FromMinutes(15)), Is.True);
        Assert.That(reachability.IsReadOnly, Is.True);
        Assert.That(reachability.Check(TimeSpan.FromMinutes(70)), Is.False);
        Assert.That(reachability.IsReadOnly, Is.True);
        Assert.That(reachability.Check(TimeSpan.FromMinutes(75)), Is.False);
        Assert.That(reachability.IsReadOnly, Is.False);
    }

    [Test]
    public void Whom_others_reach_is_not_read_only()
    {
        var reachability = new Reachability();
        reachability.Working(TimeSpan.Zero);
        reachability.ReceivedUnasked();
        reachability.ReceivedUnasked();

        Assert.That(reachability.Check(TimeSpan.FromMinutes(15)), Is.False);
        Assert.That(reachability.IsReadOnly, Is.False);
    }

    [Test]
    public void Queries_of_unknown_nodes_end_it_and_a_single_one_does_not()
    {
        var reachability = new Reachability();
        reachability.Working(TimeSpan.Zero);
        reachability.Check(TimeSpan.FromMinutes(15));

        reachability.ReceivedUnasked();
        Assert.That(reachability.IsReadOnly, Is.True);
        reachability.ReceivedUnasked();
        Assert.That(reachability.IsReadOnly, Is.False);
    }
}

internal sealed class PendingQueriesTests
{
    [Test]
    public void Only_who_was_asked_can_answer_and_once()
    {
        var pending = new PendingQueries();
        var query = new PendingQuery(DhtBench.Public(1), null, null, null, TimeSpan.Zero);
        var transaction = pending.Add(query);

        Assert.That(pending.TakeAnswered(transaction, DhtBench.Public(2), TimeSpan.Zero), Is.Null);
        Assert.That(pending.TakeAnswered(transaction + 1, DhtBench.Public(1), TimeSpan.Zero), Is.Null);
        Assert.That(pending.TakeAnswered(transaction, DhtBench.Public(1), TimeSpan.Zero), Is.SameAs(query));
        Assert.That(pending.TakeAnswered(transaction, DhtBench.Public(1), TimeSpan.Zero), Is.Null);
        Assert.That(pending.Count, Is.Zero);
    }

    [TestCase(1, 100)]
    [TestCase(100, 200)]
    [TestCase(3000, 500)]
    public void An_answer_is_late_after_twice_the_usual_time(int roundTrip, int late)
    {
        var pending = new PendingQueries();
        Assert.That(pending.LateAfter, Is.EqualTo(TimeSpan.FromMilliseconds(250)));

        for (var i = 0; i < 20; i++)
        {
            var transaction = pending.Add(new PendingQuery(DhtBench.Public(1), null, null, null, TimeSpan.Zero));
            pending.TakeAnswered(transaction, DhtBench.Public(1), TimeSpan.FromMilliseconds(roundTrip));
        }

        Assert.That(pending.LateAfter.TotalMilliseconds, Is.EqualTo(late).Within(1));
    }
}
