using System.Net;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Announcing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>Trackers and name servers that do not answer do not hold up the others.</summary>
internal sealed class SlowTrackerTests
{
    private static readonly TimeSpan HttpPatience = TimeSpan.FromSeconds(15); // after which a tracker that does not answer is given up
    private static readonly TimeSpan NamePatience = TimeSpan.FromSeconds(10); // as long for a name

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_is_slow_does_not_keep_a_reader_from_the_next(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var slow = new RawHttpServer((_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await using var alive = LabTracker.Start();
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();
        alive.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Start(swarm, [slow.Url.ToString(), alive.HttpUrl]);
        var waited = await AdvanceSlowlyAsync(time, () => swarm.Peers.Count > 0, cancellationToken);

        await announcer.StopAsync(new CancellationToken(canceled: true)); // it would wait for the slow one
        Assert.That(waited, Is.LessThan(HttpPatience), "the slow one has not been given up yet");
    }

    [TestCase(12, false)]
    [TestCase(30, false)]
    [TestCase(99, false)]
    [TestCase(12, true)]
    [TestCase(30, true)]
    [CancelAfter(60_000)]
    public async Task A_good_tracker_is_asked_within_a_second_whatever_dead_names_stand_beside_it(
        int dead,
        bool inOneTier,
        CancellationToken cancellationToken
    )
    {
        var time = new FakeTimeProvider();
        await using var good = LabTracker.Start();
        await using var bench = new TrackerBench(
            time: time,
            resolve: host =>
                host == "good.example" ? Task.FromResult<IPAddress[]>([IPAddress.Loopback]) : new TaskCompletionSource<IPAddress[]>().Task
        );
        var swarm = new FakeSwarm();
        good.AddPeer(swarm.InfoHash, Peer);
        List<string> urls =
        [
            .. Enumerable.Range(0, dead).Select(i => $"http://dead{i}.example/announce"),
            $"http://good.example:{new Uri(good.HttpUrl).Port}/announce",
        ];

        var announcer = bench.Announcer(swarm, inOneTier ? [urls] : [.. urls.Select(url => (string[])[url])]);
        announcer.Start();
        var waited = await AdvanceSlowlyAsync(time, () => swarm.Peers.Count > 0, cancellationToken);

        Assert.That(waited, Is.LessThan(NamePatience), "no dead name has been given up yet");
        await announcer.StopAsync(new CancellationToken(canceled: true));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_reader_that_comes_while_a_tracker_is_slow_has_the_next_one_asked(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var slow = new RawHttpServer((_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await using var slowToo = new RawHttpServer((_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm { Urgency = PeerUrgency.Regular };

        var announcer = bench.Start(swarm, [slow.Url.ToString(), slowToo.Url.ToString()]);
        await bench.UntilAsync(() => slow.Heads.Count + slowToo.Heads.Count == 1, cancellationToken);
        swarm.Urgency = PeerUrgency.Reader;
        announcer.WantPeers();
        var waited = await AdvanceSlowlyAsync(time, () => slow.Heads.Count + slowToo.Heads.Count == 2, cancellationToken);

        Assert.That(waited, Is.LessThan(HttpPatience), "the first has not been given up yet");
        await announcer.StopAsync(new CancellationToken(canceled: true));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_answers_one_torrent_with_an_error_still_serves_another(CancellationToken cancellationToken)
    {
        var bad = Swarm("bad");
        var badHash = string.Concat(Convert.FromHexString(bad.InfoHash.ToString()).Select(b => $"%{b:X2}"));
        byte[] onePeer = [.. "d8:intervali900e5:peers6:"u8, 127, 0, 0, 9, 0x13, 0x88, .. "e"u8];
        await using var server = new RawHttpServer(
            async (head, stream, token) =>
            {
                var isBad = Uri.UnescapeDataString(head).Contains(Uri.UnescapeDataString(badHash), StringComparison.Ordinal);
                await stream.WriteAsync(
                    System.Text.Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {(isBad ? "500 Oops" : "200 OK")}\r\nContent-Length: {(isBad ? 0 : onePeer.Length)}\r\n\r\n"
                    ),
                    token
                );
                await stream.WriteAsync(isBad ? [] : onePeer, token);
            }
        );
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var good = Swarm("good");
        string[][] tiers =
        [
            [server.Url.ToString()],
        ];

        var one = bench.Start(bad, tiers);
        await bench.UntilAsync(() => one.Trouble is not null, cancellationToken);
        var other = bench.Start(good, tiers);
        await good.WaitForAsync(s => s.Peers.Contains(Peer), cancellationToken);

        Assert.That(one.Trouble, Is.EqualTo("127.0.0.1: HTTP 500"));
        await Task.WhenAll(one.StopAsync(cancellationToken), other.StopAsync(cancellationToken));
    }

    [Test, CancelAfter(60_000)]
    public async Task Stopping_does_not_wait_for_a_tracker_that_does_not_answer(CancellationToken cancellationToken)
    {
        await using var slow = new RawHttpServer((_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await using var bench = new TrackerBench();
        var swarm = new FakeSwarm();
        var announcer = bench.Start(swarm, [slow.Url.ToString()]);
        await bench.UntilAsync(() => slow.Heads.Count == 1, cancellationToken);

        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopping = announcer.StopAsync(budget.Token);
        await bench.UntilAsync(() => slow.Heads.Count == 2, cancellationToken);
        await budget.CancelAsync();
        await stopping;

        Assert.That(slow.Heads[1], Does.Contain("event=stopped"), "it may have heard us start");
    }
}
