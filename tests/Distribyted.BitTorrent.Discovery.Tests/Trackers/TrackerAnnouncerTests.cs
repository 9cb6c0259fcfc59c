using System.Net;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Announcing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>Which trackers are asked, in which order, and what they are told.</summary>
internal sealed class TrackerAnnouncerTests
{
    [Test, CancelAfter(60_000)]
    public async Task Every_tier_is_asked_at_once_and_its_peers_are_handed_over(CancellationToken cancellationToken)
    {
        await using var one = LabTracker.Start();
        await using var two = LabTracker.Start();
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm();
        var other = new PeerEndPoint(IPAddress.Parse("127.0.0.10"), 5000);
        one.AddPeer(swarm.InfoHash, Peer);
        two.AddPeer(swarm.InfoHash, other);

        var announcer = bench.Start(swarm, [one.HttpUrl], [two.UdpUrl]);

        await swarm.WaitForAsync(s => s.Peers.Contains(Peer) && s.Peers.Contains(other), cancellationToken);
        Assert.That(one.Announces.Concat(two.Announces).Select(a => a.Event), Is.All.EqualTo("started"));
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task The_first_that_works_in_a_tier_is_enough_and_comes_first_next_time(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var dead = LabTracker.Start();
        await using var alive = LabTracker.Start();
        await using var spare = LabTracker.Start();
        dead.Failure = "closed";
        spare.Failure = "closed";
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();
        alive.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [dead.HttpUrl, alive.HttpUrl, spare.HttpUrl]);
        await swarm.WaitForAsync(s => s.Peers.Count > 0, cancellationToken);
        var failures = dead.Announces.Count + spare.Announces.Count;
        await AdvanceUntilAsync(bench, TimeSpan.FromMinutes(30), () => alive.Announces.Count == 2, cancellationToken);

        Assert.That(dead.Announces.Count + spare.Announces.Count, Is.EqualTo(failures), "the one that works is asked first");
        Assert.That(alive.Announces.Select(a => a.Event), Is.EqualTo(new[] { "started", "" }));
        Assert.That(announcer.Trouble, Is.Null);
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Private_torrents_ask_their_own_trackers_only(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var own = LabTracker.Start();
        await using var extra = LabTracker.Start();
        await using var bench = new TrackerBench(new DiscoveryOptions { ExtraTrackers = [extra.HttpUrl] }, time: time);
        var (hidden, open, pending) = (Swarm("hidden"), Swarm("open"), Swarm("pending"));
        hidden.IsPrivate = true;
        pending.HasMetadata = false;
        string[][] tiers =
        [
            [own.HttpUrl],
        ];
        List<TrackerAnnouncer> announcers = [bench.Announcer(hidden, tiers), bench.Announcer(open, tiers), bench.Announcer(pending, tiers)];
        announcers.ForEach(announcer => announcer.Start());
        Tick(bench);
        await own.WaitForAsync(all => all.Count == 3, cancellationToken);
        await extra.WaitForAsync(all => all.Count == 2, cancellationToken);
        await bench.SettledAsync(cancellationToken);
        pending.IsPrivate = pending.HasMetadata = true;
        announcers[2].Changed(SwarmChange.Metadata);
        await extra.WaitForAsync(all => all.Count == 3, cancellationToken);

        Assert.That(extra.Announces.Select(a => a.InfoHash), Does.Not.Contain(hidden.InfoHash));
        Assert.That(extra.Announces.Last(), Has.Property("Event").EqualTo("stopped").And.Property("InfoHash").EqualTo(pending.InfoHash));
        await Task.WhenAll(announcers.Select(announcer => announcer.StopAsync(cancellationToken)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Trackers_that_come_later_are_asked_and_known_ones_are_not_asked_twice(CancellationToken cancellationToken)
    {
        await using var one = LabTracker.Start();
        await using var two = LabTracker.Start();
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm();

        var announcer = bench.Start(swarm, [one.HttpUrl], [one.HttpUrl]);
        await one.WaitForAsync(all => all.Count == 1, cancellationToken);
        swarm.Trackers =
        [
            [one.HttpUrl, two.HttpUrl],
        ];
        announcer.Changed(SwarmChange.Trackers);
        Tick(bench);
        await two.WaitForAsync(all => all.Count == 1, cancellationToken);
        await announcer.StopAsync(cancellationToken);

        Assert.That(one.Announces.Select(a => a.Event), Is.EqualTo(new[] { "started", "stopped" }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Started_regular_completed_and_stopped_are_announced_to_trackers_that_acknowledged_us(
        CancellationToken cancellationToken
    )
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        await using var stranger = LabTracker.Start();
        stranger.Failure = "unregistered torrent";
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm { Progress = (5, 6, 7) };
        tracker.Interval = 600;

        var announcer = bench.Start(swarm, [tracker.UdpUrl], [stranger.UdpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await AdvanceUntilAsync(bench, TimeSpan.FromSeconds(600), () => tracker.Announces.Count == 2, cancellationToken);
        swarm.Progress = (5, 6, 0);
        await bench.SettledAsync(cancellationToken);
        announcer.Changed(SwarmChange.Completed);
        Tick(bench);
        await tracker.WaitForAsync(all => all.Count == 3, cancellationToken);
        await bench.SettledAsync(cancellationToken);
        await announcer.StopAsync(cancellationToken);

        Assert.That(tracker.Announces.Select(a => a.Event), Is.EqualTo(new[] { "started", "", "completed", "stopped" }));
        Assert.That(tracker.Announces.Select(a => a.Left), Is.EqualTo(new[] { 7L, 7L, 0L, 0L }));
        Assert.That(tracker.Announces.Last().NumWant, Is.Zero);
        Assert.That(stranger.Announces.Select(a => a.Event), Is.All.EqualTo("started"), "who refused us is told no end");
        Assert.That(tracker.PeersOf(swarm.InfoHash), Is.Empty);
    }

    [TestCase(PeerUrgency.Regular, 0)]
    [TestCase(PeerUrgency.Reader, 50)]
    [CancelAfter(60_000)]
    public async Task A_swarm_that_wants_no_peers_asks_for_none_unless_a_reader_is_blocked(
        PeerUrgency urgency,
        int asked,
        CancellationToken cancellationToken
    )
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm { WantedPeers = 0, Urgency = urgency };

        var announcer = bench.Start(swarm, [tracker.HttpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await announcer.StopAsync(cancellationToken);

        Assert.That(tracker.Announces.First().NumWant, Is.EqualTo(asked));
    }
}
