using System.Net;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Http.HttpAnswers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

/// <summary>Redirects, and what they may not reach.</summary>
internal sealed class HttpTrackerRedirectTests
{
    private const string Label = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij.";

    [Test, CancelAfter(60_000)]
    public async Task A_redirect_at_home_is_followed_and_keeps_the_question(CancellationToken cancellationToken)
    {
        await using var goal = new RawHttpServer("HTTP/1.1 200 OK", OnePeer);
        await using var server = new RawHttpServer($"HTTP/1.1 301 Moved\r\nLocation: {goal.Url}", []);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Has.Count.EqualTo(1), answer.Trouble);
        Assert.That(goal.Heads[0], Does.Contain("info_hash=").And.Contain("event=started"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_redirect_at_home_to_another_path_is_refused(CancellationToken cancellationToken)
    {
        await using var goal = new RawHttpServer("HTTP/1.1 200 OK", OnePeer);
        await using var server = new RawHttpServer(
            $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{goal.Port}/api/shutdown?info_hash=x",
            []
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("not for trackers"));
        Assert.That(goal.Heads, Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_circle_of_redirects_ends_after_three(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 302 Found\r\nLocation: /announce", []);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("redirects too often"));
        Assert.That(server.Heads, Has.Count.EqualTo(4));
    }

    [TestCase("ftp://127.0.0.1/announce")]
    [TestCase("file:///etc/passwd")]
    [TestCase("http://[")]
    [TestCase("http://%EE%80%80.example/announce")]
    [TestCase("http://" + Label + Label + Label + Label + Label + Label + "example/announce")]
    [CancelAfter(60_000)]
    public async Task A_redirect_to_nowhere_is_a_failure(string location, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer($"HTTP/1.1 302 Found\r\nLocation: {location}", []);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Is.Not.Null);
        Assert.That(answer.Unreachable, Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_redirects_to_a_dead_server_is_not_unreachable_itself(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/announce", []);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(
            (answer.Trouble, answer.Unreachable),
            Is.EqualTo(("redirects to a server that gives no answer: refuses connections", false))
        );
    }

    [TestCase("http://home.example/announce")]
    [TestCase("http://127.0.0.1:9/announce")]
    [TestCase("http://169.254.169.254/announce")]
    [CancelAfter(60_000)]
    public async Task A_public_tracker_may_not_redirect_to_a_private_address(string location, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer($"HTTP/1.1 302 Found\r\nLocation: {location}", []);
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["203.0.113.5"], ["home.example"] = ["192.168.1.1"] },
            road: _ => new IPEndPoint(IPAddress.Loopback, server.Port)
        );

        var answer = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("may not name"));
        Assert.That(bench.Dialled, Is.EqualTo(new[] { new IPEndPoint(IPAddress.Parse("203.0.113.5"), 80) }));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_name_that_resolves_to_a_private_address_the_second_time_is_refused(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", OnePeer);
        var time = new FakeTimeProvider();
        var names = new Dictionary<string, string[]> { ["tracker.example"] = ["203.0.113.5"] };
        await using var bench = new TrackerBench(time: time, names: names, road: _ => new IPEndPoint(IPAddress.Loopback, server.Port));
        var odd = new Uri("http://tracker.example/api?x=1");

        var first = await bench.AskAsync(odd, cancellationToken);
        names["tracker.example"] = ["127.0.0.1"];
        time.Advance(TimeSpan.FromMinutes(6)); // what was resolved is forgotten
        var second = await bench.AskAsync(odd, cancellationToken);

        Assert.That(first.Trouble, Is.Null);
        Assert.That(second.Trouble, Does.Contain("not for trackers"));
        Assert.That(server.Heads, Has.Count.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task User_and_password_go_to_the_tracker_and_not_to_the_target_of_its_redirect(CancellationToken cancellationToken)
    {
        await using var goal = new RawHttpServer("HTTP/1.1 200 OK", OnePeer);
        await using var server = new RawHttpServer($"HTTP/1.1 301 Moved\r\nLocation: {goal.Url}", []);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(new Uri($"http://me%40home:p%C3%A4ss@127.0.0.1:{server.Port}/announce"), cancellationToken);

        Assert.That(answer.Peers, Has.Count.EqualTo(1), answer.Trouble);
        Assert.That(server.Heads[0], Does.Contain($"Authorization: Basic {Convert.ToBase64String("me@home:päss"u8)}\r\n"));
        Assert.That(server.Heads[0], Does.StartWith("GET /announce?").And.Not.Contain("me%40home"));
        Assert.That(goal.Heads[0], Does.Not.Contain("Authorization"));
    }
}
