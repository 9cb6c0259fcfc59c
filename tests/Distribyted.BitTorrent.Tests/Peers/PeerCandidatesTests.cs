using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class PeerCandidatesTests
{
    private const long Second = MonotonicClock.Second;
    private static readonly PeerEndPoint Peer = EndPoint(1);
    private static readonly PeerEndPoint Other = EndPoint(2);

    private PeerCandidates _candidates = null!;
    private OwnNetwork _network = null!;

    [SetUp]
    public void Empty()
    {
        _candidates = new PeerCandidates();
        _network = new OwnNetwork();
    }

    [TestCase(0.1, 5, Description = "refused: a seeder may be starting up")]
    [TestCase(5, 15, Description = "silence: our own line may have been down")]
    public void A_peer_that_failed_is_dialled_again_after(double failedAfter, int seconds)
    {
        Add(Peer, 0);
        Assert.That(Take(0), Is.EqualTo(Peer));

        _candidates.Release(Peer, worked: false, (long)(failedAfter * Second));

        Assert.That(Take((seconds * Second) - 1), Is.Null);
        Assert.That(Take(seconds * Second), Is.EqualTo(Peer));
    }

    [Test]
    public void Who_found_no_place_here_has_not_failed()
    {
        Add(Peer, 0);
        for (var second = 0L; second <= 20; second += 2)
        {
            Assert.That(Take(second * Second), Is.EqualTo(Peer), $"after {second} s");
            _candidates.NoPlace(Peer, second * Second);
            Assert.That(Take(((second + 2) * Second) - 1), Is.Null);
        }
    }

    [TestCase(4, true, 0.1, 2)]
    [TestCase(7, true, 0.1, 2)]
    [TestCase(12, true, 0.1, 3)]
    [TestCase(30, true, 0.1, 3)]
    [TestCase(600, true, 0.1, 3)]
    [TestCase(4, true, 5, 3)]
    [TestCase(
        12,
        true,
        5,
        5,
        Description = "a dial that is under way when the line comes back gets its answer: TCP repeats its first packet"
    )]
    [TestCase(28, true, 5, 5)]
    [TestCase(7, false, 0.1, 2, Description = "a magnet whose seeder starts late")]
    [TestCase(30, false, 0.1, 5)]
    public void While_a_reader_waits_a_peer_is_dialled_again_within(int awaySeconds, bool worked, double dialTakes, int seconds)
    {
        Add(Peer, 0);
        Take(0);
        _candidates.Release(Peer, worked, 10 * Second);
        var gone = 10 * Second;
        var back = gone + (awaySeconds * Second);

        for (var now = gone; ; now += Second)
        {
            if (Take(now, DialNeed.Any) is null)
            {
                continue;
            }

            if (now >= back)
            {
                Assert.That((now - back) / Second, Is.LessThan(seconds));
                return;
            }

            var ends = now + (long)(dialTakes * Second);
            _candidates.Release(Peer, worked: false, ends);
            now += (ends - now) / Second * Second;
        }
    }

    // A seeder with four upload slots goes away for some seconds now and then, while other seeders send a little. The connection had lasted for so long.
    [TestCase(3, 100, true, ExpectedResult = 3)]
    [TestCase(3, 10, true, ExpectedResult = 3)]
    [TestCase(6, 100, true, ExpectedResult = 6)]
    [TestCase(6, 10, false, ExpectedResult = 65, Description = "it never sent us anything")]
    public int While_more_is_wanted_a_peer_that_served_us_is_dialled_again_as_soon_as_it_is_back(int awaySeconds, int lasted, bool worked)
    {
        Add(Peer, 0);
        Take(0);
        var gone = lasted * Second;
        _candidates.Release(Peer, worked, gone);
        for (var after = 0; ; after++)
        {
            var now = gone + (after * Second);
            if (Take(now, DialNeed.More) is not null)
            {
                if (after >= awaySeconds)
                {
                    return after;
                }

                _candidates.Release(Peer, worked: false, now); // refused
            }
        }
    }

    [Test]
    public void A_peer_that_served_us_and_stays_away_is_dialled_ever_later_while_others_send()
    {
        Add(Peer, 0);
        Take(0);
        _candidates.Release(Peer, worked: true, 100 * Second);
        var dials = 0;
        for (var now = 100 * Second; now < 700 * Second; now += Second)
        {
            if (Take(now, DialNeed.More) is not null)
            {
                dials++;
                _candidates.Release(Peer, worked: false, now);
            }
        }

        Assert.That(dials, Is.InRange(20, 60));
    }

    [Test]
    public void A_peer_is_not_dialled_more_than_once_a_second_whoever_waits()
    {
        Add(Peer, 0);
        var dials = 0;
        for (var now = 0L; now < 60 * Second; now += Second / 10)
        {
            if (Take(now, DialNeed.Any) is not null)
            {
                dials++;
                _candidates.Release(Peer, worked: false, now);
            }
        }

        Assert.That(dials, Is.InRange(15, 30));
    }

    [TestCase(PeerOrigin.Tracker, 0, true)]
    [TestCase(PeerOrigin.Magnet, 0, true)]
    [TestCase(PeerOrigin.PeerExchange, 0, false, Description = "unknown peers must not make us dial an address again and again")]
    [TestCase(PeerOrigin.PeerExchange, 30, true)]
    public void A_peer_that_failed_and_is_named_anew_is_dialled(PeerOrigin by, int afterSeconds, bool isDialled)
    {
        Add(Peer, 0);
        for (var failures = 0; failures < 4; failures++)
        {
            Assert.That(Take(failures * failures * 100 * Second), Is.EqualTo(Peer));
            _candidates.Release(Peer, worked: false, failures * failures * 100 * Second);
        }

        var named = (900 + 5 + afterSeconds) * Second;
        _candidates.Add(Peer, by, named);

        Assert.That(Take(named) == Peer, Is.EqualTo(isDialled));
    }

    [Test]
    public void A_success_after_a_long_run_of_failures_forgives_them()
    {
        for (var i = 1; i <= 10; i++)
        {
            Add(EndPoint(i), 0);
        }

        for (var round = 0; round < 2; round++)
        {
            var now = round * 20 * Second;
            while (Take(now) is { } peer)
            {
                _candidates.Release(peer, worked: false, now + (5 * Second));
            }
        }

        _candidates.Connected(EndPoint(11), PeerOrigin.Incoming, 30 * Second);

        Assert.That(TakeAll(30 * Second), Is.EqualTo(10));
    }

    [Test]
    public void A_success_among_failures_forgives_none()
    {
        for (var i = 1; i <= 10; i++)
        {
            Add(EndPoint(i), 0);
        }

        while (Take(0) is { } peer)
        {
            _candidates.Release(peer, worked: false, 0);
        }

        _candidates.Connected(EndPoint(11), PeerOrigin.Incoming, Second);

        Assert.That(TakeAll(Second), Is.Zero);
    }

    [Test]
    public void When_we_were_away_everybody_is_dialled_anew()
    {
        Add(Peer, 0);
        for (var failures = 0; failures < 4; failures++)
        {
            Take(failures * failures * 100 * Second);
            _candidates.Release(Peer, worked: false, failures * failures * 100 * Second);
        }

        _candidates.ForgiveAll(601 * Second);

        Assert.That(Take(601 * Second), Is.EqualTo(Peer));
    }

    [Test]
    public void A_dial_that_never_left_this_machine_is_no_failure()
    {
        Add(Peer, 0);
        Take(0);

        _candidates.NotTried(Peer, Second);

        Assert.That(Take(Second), Is.EqualTo(Peer));
    }

    [Test]
    public void No_peer_is_dialled_or_blamed_while_our_own_network_is_down()
    {
        Add(Peer, 0);
        Assert.That(_network.IsToBlame(isIPv6: false, SocketError.NetworkUnreachable, took: 0, now: 0));

        Assert.That(Take(0), Is.Null);
        Assert.That(Take(OwnNetwork.FirstHold), Is.EqualTo(Peer));
    }

    [Test]
    public void Who_was_never_dialled_comes_before_who_failed()
    {
        Add(Peer, 0);
        Take(0);
        _candidates.Release(Peer, worked: false, 1);
        Add(Other, Second);

        Assert.That((Take(90 * Second), Take(90 * Second)), Is.EqualTo((Other, Peer)));
    }

    [Test]
    public void Who_served_us_comes_before_who_was_never_dialled()
    {
        Add(Peer, 0);
        Take(0);
        _candidates.Release(Peer, worked: true, Second);
        Add(Other, Second);

        Assert.That(Take(2 * Second, DialNeed.Any), Is.EqualTo(Peer));
    }

    [Test]
    public void Many_peers_that_failed_are_not_dialled_all_at_once()
    {
        for (var i = 0; i < 500; i++)
        {
            Add(EndPoint(i), 0);
        }

        while (Take(0) is { } peer)
        {
            _candidates.Release(peer, worked: false, 0);
        }

        Assert.That(TakeAll(10 * Second, DialNeed.Any), Is.EqualTo(PeerCandidates.RetriesPerSecond));
        Assert.That(TakeAll(11 * Second, DialNeed.Any), Is.EqualTo(PeerCandidates.RetriesPerSecond));
    }

    [TestCase(false, false, Description = "untried")]
    [TestCase(true, false, Description = "failed")]
    [TestCase(true, true, Description = "worked")]
    public void A_full_list_takes_new_peers(bool tried, bool worked)
    {
        for (var i = 0; i < PeerCandidates.Capacity; i++)
        {
            Add(EndPoint(i), i);
            if (tried)
            {
                Take(i);
                _candidates.Release(EndPoint(i), worked, i);
            }
        }

        Add(EndPoint(PeerCandidates.Capacity), 3 * Second);

        Assert.That(_candidates.Count, Is.EqualTo(PeerCandidates.Capacity));
        Assert.That(Take(3 * Second), Is.EqualTo(EndPoint(tried ? PeerCandidates.Capacity : 1)), "the oldest was forgotten for it");
    }

    [Test]
    public void Whoever_is_connected_or_worked_stays_when_the_list_is_full()
    {
        Add(Peer, 0);
        Take(0);
        Add(Other, 0);
        Take(0);
        _candidates.Release(Other, worked: true, Second);
        for (var i = 10; i < 5000; i++)
        {
            Add(EndPoint(i), 2 * Second);
        }

        Assert.That(_candidates.ThatWorked(), Is.EqualTo([Other]));
        _candidates.Release(Peer, worked: true, 3 * Second);
        Assert.That(_candidates.ThatWorked(), Is.EquivalentTo([Peer, Other]));
    }

    private void Add(PeerEndPoint peer, long now)
    {
        _candidates.Add(peer, PeerOrigin.Tracker, now);
    }

    private PeerEndPoint? Take(long now, DialNeed need = DialNeed.None)
    {
        return _candidates.TryTake(now, need, _network, out var peer) ? peer : null;
    }

    private int TakeAll(long now, DialNeed need = DialNeed.None)
    {
        var count = 0;
        while (Take(now, need) is not null)
        {
            count++;
        }

        return count;
    }

    private static PeerEndPoint EndPoint(int number)
    {
        return new PeerEndPoint(new IPAddress([10, 0, (byte)(number >> 8), (byte)number]), 6881);
    }
}
