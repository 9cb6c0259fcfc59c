using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Announcing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>What is shown and logged of trackers, and what never is.</summary>
internal sealed class TrackerTroubleTests
{
    [Test, CancelAfter(60_000)]
    public async Task A_tracker_at_which_asking_itself_fails_is_a_failed_tier_and_asked_again(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench(time: new FakeTimeProvider(), names: new() { ["odd.example"] = ["no address"] });
        var swarm = new FakeSwarm();

        var announcer = bench.Start(swarm, ["http://odd.example/announce"]);

        await bench.UntilAsync(() => announcer.Trouble?.Contains("cannot be asked (FormatException)") == true, cancellationToken);
        await announcer.StopAsync(cancellationToken);
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
                var body = $"d8:completei1e10:incompletei2e8:intervali60e5:peers0:15:warning message{warning.Length}:{warning}e";
                await stream.WriteAsync(
                    System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
                    token
                );
            }
        );
        await using var bench = new TrackerBench(time: time);

        var announcer = bench.Start(new FakeSwarm(), [server.Url.ToString()]);
        await bench.UntilAsync(() => announcer.Trouble == "127.0.0.1 warns: too old", cancellationToken);
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

        var announcer = bench.Start(swarm, ["http://tracker.example/announce"]);
        await swarm.WaitForAsync(s => s.Peers.Count > 0, cancellationToken);
        await announcer.StopAsync(cancellationToken);

        Assert.That(swarm.Peers, Is.EqualTo(new[] { new PeerEndPoint(IPAddress.Parse("8.8.8.8"), 6881) }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Messages_of_trackers_are_shown_without_passkeys_and_logs_never_hold_them(CancellationToken cancellationToken)
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

        var announcer = bench.Start(
            swarm,
            [$"{dead.HttpUrl}?passkey={Passkey}"],
            [$"wss://tracker.example/{Passkey}"],
            [$"http://no.such.host/{Passkey}/announce"]
        );
        await bench.UntilAsync(
            () => bench.Log.Lines.Count(line => line.StartsWith("1302", StringComparison.Ordinal)) == 3,
            cancellationToken
        );
        await announcer.StopAsync(cancellationToken);

        var everything = string.Join('\n', bench.Log.Lines.Append(announcer.Trouble));
        Assert.That(everything, Does.Not.Contain(Passkey));
        Assert.That(everything, Does.Contain("Unknown passkey: ...").And.Contain("no.such.host"));
        Assert.That(announcer.Trouble, Is.Not.Null);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_websocket_tracker_is_never_asked_and_the_reason_is_shown(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench(time: new FakeTimeProvider());
        var swarm = new FakeSwarm();

        var announcer = bench.Start(swarm, ["wss://tracker.example", "not a url", "udp://no.port.example/announce", ""]);
        await announcer.StopAsync(cancellationToken);

        Assert.That(announcer.Trouble, Is.EqualTo("no tracker is known that can be asked"));
        Assert.That(bench.Dialled, Is.Empty);
        Assert.That(bench.Services.Timers.Count, Is.Zero);
    }
}
