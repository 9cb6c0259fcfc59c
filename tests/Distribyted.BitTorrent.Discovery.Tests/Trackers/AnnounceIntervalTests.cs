using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Announcing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>When trackers are asked again, over real announcers.</summary>
internal sealed class AnnounceIntervalTests
{
    [Test, CancelAfter(60_000)]
    public async Task A_failing_tier_is_asked_again_after_15_seconds_doubling(CancellationToken cancellationToken)
    {
        await FailingTierAsync(isPending: false, [15, 30, 60, 120], cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_metadata_a_failing_tier_is_asked_again_after_10_seconds_doubling(CancellationToken cancellationToken)
    {
        await FailingTierAsync(isPending: true, [10, 20, 40, 80], cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Peers_that_are_wanted_wait_for_the_trackers_minimum(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        tracker.MinInterval = 300;
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();
        tracker.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [tracker.HttpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await bench.SettledAsync(cancellationToken);
        announcer.WantPeers();
        time.Advance(TimeSpan.FromSeconds(299));
        await bench.SettledAsync(cancellationToken);
        Assert.That(tracker.Announces, Has.Count.EqualTo(1));

        await AdvanceUntilAsync(bench, TimeSpan.FromSeconds(1), () => tracker.Announces.Count == 2, cancellationToken);
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_metadata_a_tracker_that_names_only_ourselves_is_asked_again_soon(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm { HasMetadata = false };
        tracker.AddPeer(swarm.InfoHash, new PeerEndPoint(IPAddress.Parse("192.0.2.7"), 42069));

        var announcer = bench.Start(swarm, [tracker.HttpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);

        await AdvanceUntilAsync(bench, TimeSpan.FromMinutes(2), () => tracker.Announces.Count == 2, cancellationToken);
        await announcer.StopAsync(cancellationToken);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-5)]
    [CancelAfter(60_000)]
    public async Task A_tracker_cannot_make_us_ask_more_than_once_a_minute(int interval, CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        tracker.Interval = interval;
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();
        tracker.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [tracker.UdpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await bench.SettledAsync(cancellationToken);
        time.Advance(TimeSpan.FromSeconds(59));
        await bench.SettledAsync(cancellationToken);

        Assert.That(tracker.Announces, Has.Count.EqualTo(1));
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_blocked_reader_asks_a_tracker_without_a_minimum_again_after_a_minute_and_no_sooner(
        CancellationToken cancellationToken
    )
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();
        tracker.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [tracker.UdpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await bench.SettledAsync(cancellationToken);
        for (var second = 0; second < 59; second++)
        {
            announcer.WantPeers();
            time.Advance(TimeSpan.FromSeconds(1));
            await bench.SettledAsync(cancellationToken);
        }

        Assert.That(tracker.Announces, Has.Count.EqualTo(1));
        await AdvanceUntilAsync(bench, TimeSpan.FromSeconds(1), () => tracker.Announces.Count == 2, cancellationToken);
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_forbids_retries_is_not_asked_again(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", "d14:failure reason4:gone8:retry in5:nevere"u8.ToArray());
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();

        var announcer = bench.Start(swarm, [server.Url.ToString()]);
        await bench.UntilAsync(() => announcer.Trouble is not null, cancellationToken);
        announcer.WantPeers();
        time.Advance(TimeSpan.FromDays(2));
        await bench.SettledAsync(cancellationToken);

        Assert.That(server.Heads, Has.Count.EqualTo(1));
        Assert.That(announcer.Trouble, Is.EqualTo("127.0.0.1: gone"));
        await announcer.StopAsync(cancellationToken);
    }

    private static async Task FailingTierAsync(bool isPending, int[] seconds, CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        tracker.Failure = "closed";
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm { HasMetadata = !isPending };

        var announcer = bench.Start(swarm, [tracker.UdpUrl]);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        for (var i = 0; i < seconds.Length; i++)
        {
            await bench.SettledAsync(cancellationToken);
            time.Advance(TimeSpan.FromSeconds(seconds[i] - 1));
            await bench.SettledAsync(cancellationToken);
            Assert.That(tracker.Announces, Has.Count.EqualTo(i + 1), $"before {seconds[i]} s");
            await AdvanceUntilAsync(
                bench,
                TimeSpan.FromSeconds(1 + (seconds[i] / 10.0)),
                () => tracker.Announces.Count == i + 2,
                cancellationToken
            );
        }

        Assert.That(announcer.Trouble, Is.EqualTo("127.0.0.1: closed"));
        await announcer.StopAsync(cancellationToken);
    }
}
