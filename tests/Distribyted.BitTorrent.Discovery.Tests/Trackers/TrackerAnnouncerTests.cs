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
        await using var refusing = LabTracker.Start();
        refusing.Failure = "unregistered torrent";
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm { Progress = (5, 6, 7) };
        tracker.Interval = 600;

        var announcer = bench.Start(swarm, [tracker.UdpUrl], [refusing.UdpUrl]);
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
        Assert.That(refusing.Announces.Select(a => a.Event), Is.All.EqualTo("started"), "one that refused us gets no stopped");
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

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task What_a_tracker_counts_is_known_after_its_answer(bool overUdp, CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench();
        var swarm = new FakeSwarm { Progress = (0, 0, 7) };
        tracker.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [overUdp ? tracker.UdpUrl : tracker.HttpUrl]);

        await bench.UntilAsync(() => announcer.Size is { Seeders: 1 }, cancellationToken);
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_does_not_count_in_its_answers_is_scraped(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        var hash = new byte[InfoHash.Length];
        swarm.InfoHash.CopyTo(hash);
        await using var server = new RawHttpServer(
            async (head, stream, token) =>
            {
                byte[] body = head.StartsWith("GET /scrape?key=word&info_hash=", StringComparison.Ordinal)
                    ? [.. "d5:filesd20:"u8, .. hash, .. "d8:completei7e10:downloadedi9e10:incompletei8eeee"u8]
                    : [.. "d8:intervali900e5:peers0:e"u8];
                await stream.WriteAsync(
                    System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n"),
                    token
                );
                await stream.WriteAsync(body, token);
            }
        );
        await using var bench = new TrackerBench(transport: new() { OutgoingAllow = ["127.0.0.1"] });

        var announcer = bench.Start(swarm, [server.Url + "?key=word"]);

        await bench.UntilAsync(() => announcer.Size == new SwarmSize(7, 8), cancellationToken);
        await announcer.StopAsync(cancellationToken);
        Assert.That(server.Heads.Count(h => h.StartsWith("GET /scrape", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_does_not_count_in_its_answers_over_udp_is_scraped(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        tracker.CountsInAnnounces = false;
        await using var bench = new TrackerBench();
        var swarm = new FakeSwarm { Progress = (0, 0, 7) };
        tracker.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [tracker.UdpUrl]);

        await bench.UntilAsync(() => announcer.Size is { Seeders: 1 }, cancellationToken);
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task How_trackers_see_us_is_put_to_the_vote(CancellationToken cancellationToken)
    {
        byte[] body = [.. "d8:completei0e11:external ip4:"u8, 81, 2, 3, 4, .. "10:incompletei0e8:intervali900e5:peers0:e"u8];
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", body);
        await using var bench = new TrackerBench(
            names: new() { ["one.example"] = ["9.9.9.9"], ["two.example"] = ["9.9.8.8"] },
            road: _ => new IPEndPoint(IPAddress.Loopback, server.Port)
        );

        var announcer = bench.Start(new FakeSwarm(), ["http://one.example/announce"], ["http://two.example/announce"]);

        await bench.UntilAsync(
            () => IPAddress.Parse("81.2.3.4").Equals(bench.Services.External.Of(System.Net.Sockets.AddressFamily.InterNetwork)),
            cancellationToken
        );
        await announcer.StopAsync(cancellationToken);
    }
}
