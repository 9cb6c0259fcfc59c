using System.Net;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

internal sealed class TrackerAnnouncerTests
{
    private static readonly PeerEndPoint Peer = new(IPAddress.Parse("127.0.0.9"), 5000);

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

        var announcer = bench.Announcer(
            swarm,
            [
                [one.HttpUrl],
                [two.UdpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);

        await swarm.WaitForAsync(s => s.Peers.Contains(Peer) && s.Peers.Contains(other), cancellationToken);
        Assert.That(one.Announces.Concat(two.Announces).Select(a => a.Event), Is.All.EqualTo("started"));
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_at_which_asking_itself_fails_is_a_failed_tier_and_asked_again(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench(time: new FakeTimeProvider(), names: new() { ["odd.example"] = ["no address"] });
        var swarm = new FakeSwarm();

        var announcer = bench.Announcer(
            swarm,
            [
                ["http://odd.example/announce"],
            ]
        );
        announcer.Start();
        Tick(bench);

        await SpinAsync(() => announcer.Trouble?.Contains("cannot be asked (FormatException)") == true, cancellationToken);
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

        var announcer = bench.Announcer(
            swarm,
            [
                [dead.HttpUrl, alive.HttpUrl, spare.HttpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
        await swarm.WaitForAsync(s => s.Peers.Count > 0, cancellationToken);
        var failures = dead.Announces.Count + spare.Announces.Count;
        await AdvanceUntilAsync(bench, TimeSpan.FromMinutes(30), () => alive.Announces.Count == 2, cancellationToken);

        Assert.That(dead.Announces.Count + spare.Announces.Count, Is.EqualTo(failures), "the one that works is asked first");
        Assert.That(alive.Announces.Select(a => a.Event), Is.EqualTo(new[] { "started", "" }));
        Assert.That(announcer.Trouble, Is.Null);
        await announcer.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_is_slow_does_not_keep_a_reader_from_the_next(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var slow = new RawHttpServer((_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await using var alive = LabTracker.Start();
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();
        alive.AddPeer(swarm.InfoHash, Peer);

        var announcer = bench.Announcer(
            swarm,
            [
                [slow.Url.ToString(), alive.HttpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
        await AdvanceSlowlyAsync(time, () => swarm.Peers.Count > 0, cancellationToken);

        await announcer.StopAsync(new CancellationToken(canceled: true)); // it would wait for the slow one
        Assert.That(bench.Log.Lines, Has.None.StartsWith("1301"), "the slow one has not been given up yet");
    }

    [Test, CancelAfter(60_000)]
    public async Task Start_regular_completed_and_stopped_are_told_to_who_knows_us(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        await using var stranger = LabTracker.Start();
        stranger.Failure = "unregistered torrent";
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm { Progress = (5, 6, 7) };
        tracker.Interval = 600;

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.UdpUrl],
                [stranger.UdpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
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

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.HttpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
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

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.HttpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
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

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.UdpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await bench.SettledAsync(cancellationToken);
        time.Advance(TimeSpan.FromSeconds(59));
        await bench.SettledAsync(cancellationToken);

        Assert.That(tracker.Announces, Has.Count.EqualTo(1));
        await announcer.StopAsync(cancellationToken);
    }

    [TestCase(PeerUrgency.Regular, 0)]
    [TestCase(PeerUrgency.Reader, 50)]
    [CancelAfter(60_000)]
    public async Task A_swarm_that_wants_nobody_asks_for_nobody_unless_a_reader_is_blocked(
        PeerUrgency urgency,
        int asked,
        CancellationToken cancellationToken
    )
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm { WantedPeers = 0, Urgency = urgency };

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.HttpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
        await tracker.WaitForAsync(all => all.Count == 1, cancellationToken);
        await announcer.StopAsync(cancellationToken);

        Assert.That(tracker.Announces.First().NumWant, Is.EqualTo(asked));
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
    public async Task What_trackers_say_reaches_people_without_passkeys_and_logs_never_hold_them(CancellationToken cancellationToken)
    {
        const string Passkey = "5ecretpa55key0123";
        var time = new FakeTimeProvider();
        await using var echo = new RawHttpServer(
            "HTTP/1.1 200 OK",
            System.Text.Encoding.ASCII.GetBytes($"d14:failure reason{17 + Passkey.Length}:Unknown passkey: {Passkey}e")
        );
        await using var dead = LabTracker.Start();
        await dead.DisposeAsync();
        await using var bench = new TrackerBench(
            new DiscoveryOptions { ExtraTrackers = [$"http://{Passkey}:{Passkey}@127.0.0.1:{echo.Port}/announce"] },
            time: time
        );
        var swarm = new FakeSwarm();

        var announcer = bench.Announcer(
            swarm,
            [
                [$"{dead.HttpUrl}?passkey={Passkey}"],
                [$"wss://tracker.example/{Passkey}"],
                [$"http://no.such.host/{Passkey}/announce"],
            ]
        );
        announcer.Start();
        Tick(bench);
        await SpinAsync(() => bench.Log.Lines.Count(line => line.StartsWith("1302", StringComparison.Ordinal)) == 3, cancellationToken);
        await announcer.StopAsync(cancellationToken);

        var everything = string.Join('\n', bench.Log.Lines.Append(announcer.Trouble));
        Assert.That(everything, Does.Not.Contain(Passkey));
        Assert.That(everything, Does.Contain("Unknown passkey: ...").And.Contain("no.such.host"));
        Assert.That(announcer.Trouble, Is.Not.Null);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_trackers_warning_is_shown_and_logged_once_for_each_text(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        string[] warnings = ["too old", "too old", "much too old"];
        var asked = 0;
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                var warning = warnings[Math.Min(asked++, warnings.Length - 1)];
                var body = $"d8:intervali60e5:peers0:15:warning message{warning.Length}:{warning}e";
                await stream.WriteAsync(
                    System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
                    token
                );
            }
        );
        await using var bench = new TrackerBench(time: time);

        var announcer = bench.Announcer(
            new FakeSwarm(),
            [
                [server.Url.ToString()],
            ]
        );
        announcer.Start();
        Tick(bench);
        await SpinAsync(() => announcer.Trouble == "127.0.0.1 warns: too old", cancellationToken);
        await AdvanceUntilAsync(bench, TimeSpan.FromSeconds(60), () => server.Heads.Count == 2, cancellationToken);
        await AdvanceUntilAsync(
            bench,
            TimeSpan.FromSeconds(60),
            () => announcer.Trouble == "127.0.0.1 warns: much too old",
            cancellationToken
        );
        await announcer.StopAsync(cancellationToken);

        Assert.That(bench.Log.Lines.Count(line => line.StartsWith("1306", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_websocket_tracker_is_never_asked_and_people_hear_why_nothing_comes(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm();

        var announcer = bench.Announcer(
            swarm,
            [
                ["wss://tracker.example", "not a url", "udp://no.port.example/announce", ""],
            ]
        );
        announcer.Start();
        Tick(bench);
        await announcer.StopAsync(cancellationToken);

        Assert.That(announcer.Trouble, Is.EqualTo("no tracker is known that can be asked"));
        Assert.That(bench.Dialled, Is.Empty);
        Assert.That(bench.Services.Timers.Count, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task Trackers_that_come_later_are_asked_and_known_ones_are_not_asked_twice(CancellationToken cancellationToken)
    {
        await using var one = LabTracker.Start();
        await using var two = LabTracker.Start();
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm();

        var announcer = bench.Announcer(
            swarm,
            [
                [one.HttpUrl],
                [one.HttpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
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
    public async Task A_public_tracker_cannot_make_us_dial_our_own_network(CancellationToken cancellationToken)
    {
        byte[] peers = [127, 0, 0, 1, 0x1A, 0xE1, 192, 168, 1, 1, 0x1A, 0xE1, 8, 8, 8, 8, 0, 22, 8, 8, 8, 8, 0x1A, 0xE1];
        byte[] body = [.. "d8:intervali900e5:peers24:"u8, .. peers, .. "e"u8];
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", body);
        await using var bench = new TrackerBench(
            time: new FakeTimeProvider(),
            names: new() { ["tracker.example"] = ["203.0.113.5"] },
            road: _ => new IPEndPoint(IPAddress.Loopback, server.Port)
        );
        var swarm = new FakeSwarm();

        var announcer = bench.Announcer(
            swarm,
            [
                ["http://tracker.example/announce"],
            ]
        );
        announcer.Start();
        Tick(bench);
        await swarm.WaitForAsync(s => s.Peers.Count > 0, cancellationToken);
        await announcer.StopAsync(cancellationToken);

        Assert.That(swarm.Peers, Is.EqualTo(new[] { new PeerEndPoint(IPAddress.Parse("8.8.8.8"), 6881) }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Stopping_does_not_wait_for_the_dead(CancellationToken cancellationToken)
    {
        await using var slow = new RawHttpServer((_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await using var bench = new TrackerBench();
        var swarm = new FakeSwarm();
        var announcer = bench.Announcer(
            swarm,
            [
                [slow.Url.ToString()],
            ]
        );
        announcer.Start();
        await SpinAsync(() => slow.Heads.Count == 1, cancellationToken);

        using var budget = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await announcer.StopAsync(budget.Token);

        await SpinAsync(() => slow.Heads.Count == 2, cancellationToken);
        Assert.That(slow.Heads[1], Does.Contain("event=stopped"), "it may have heard us start");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_says_never_is_left_alone(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", "d14:failure reason4:gone8:retry in5:nevere"u8.ToArray());
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm();

        var announcer = bench.Announcer(
            swarm,
            [
                [server.Url.ToString()],
            ]
        );
        announcer.Start();
        Tick(bench);
        await SpinAsync(() => announcer.Trouble is not null, cancellationToken);
        announcer.WantPeers();
        time.Advance(TimeSpan.FromDays(2));
        await bench.SettledAsync(cancellationToken);

        Assert.That(server.Heads, Has.Count.EqualTo(1));
        Assert.That(announcer.Trouble, Is.EqualTo("127.0.0.1: gone"));
        await announcer.StopAsync(cancellationToken);
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
        await AdvanceSlowlyAsync(time, () => swarm.Peers.Count > 0, cancellationToken);

        Assert.That(bench.Log.Lines, Has.None.StartsWith("1301"), "no dead name has been given up yet");
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

        var announcer = bench.Announcer(
            swarm,
            [
                [slow.Url.ToString(), slowToo.Url.ToString()],
            ]
        );
        announcer.Start();
        Tick(bench);
        await SpinAsync(() => slow.Heads.Count + slowToo.Heads.Count == 1, cancellationToken);
        swarm.Urgency = PeerUrgency.Reader;
        announcer.WantPeers();
        await AdvanceSlowlyAsync(time, () => slow.Heads.Count + slowToo.Heads.Count == 2, cancellationToken);

        Assert.That(bench.Log.Lines, Has.None.StartsWith("1301"), "the first has not been given up yet");
        await announcer.StopAsync(new CancellationToken(canceled: true));
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

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.UdpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
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

        var one = bench.Announcer(bad, tiers);
        one.Start();
        Tick(bench);
        await SpinAsync(() => one.Trouble is not null, cancellationToken);
        var other = bench.Announcer(good, tiers);
        other.Start();
        Tick(bench);
        await good.WaitForAsync(s => s.Peers.Contains(Peer), cancellationToken);

        Assert.That(one.Trouble, Is.EqualTo("127.0.0.1: HTTP 500"));
        await Task.WhenAll(one.StopAsync(cancellationToken), other.StopAsync(cancellationToken));
    }

    private static async Task FailingTierAsync(bool isPending, int[] seconds, CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        tracker.Failure = "closed";
        await using var bench = new TrackerBench(time: time);
        var swarm = new FakeSwarm { HasMetadata = !isPending };

        var announcer = bench.Announcer(
            swarm,
            [
                [tracker.UdpUrl],
            ]
        );
        announcer.Start();
        Tick(bench);
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

    private static FakeSwarm Swarm(string name)
    {
        return new FakeSwarm { InfoHash = InfoHash.Compute(System.Text.Encoding.ASCII.GetBytes(name)) };
    }

    /// <summary>Lets the wheel's grain pass, so that what is due now is done.</summary>
    private static void Tick(TrackerBench bench)
    {
        bench.Time?.Advance(TimeSpan.FromMilliseconds(25));
    }

    /// <summary>Moves the clock on, by a little more while nothing is under way, until something has happened.</summary>
    private static async Task AdvanceUntilAsync(TrackerBench bench, TimeSpan by, Func<bool> condition, CancellationToken cancellationToken)
    {
        await bench.SettledAsync(cancellationToken);
        bench.Time!.Advance(by);
        while (!condition())
        {
            if (bench.IsSettled)
            {
                bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            }

            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock on at its true pace, so that what is due has the time to happen on a busy machine, until something has happened.</summary>
    private static async Task AdvanceSlowlyAsync(FakeTimeProvider time, Func<bool> condition, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await tick.WaitForNextTickAsync(cancellationToken);
            time.Advance(TimeSpan.FromMilliseconds(5));
        }
    }

    private static async Task SpinAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
