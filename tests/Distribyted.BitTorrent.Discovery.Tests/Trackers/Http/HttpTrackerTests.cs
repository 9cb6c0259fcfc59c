using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

internal sealed class HttpTrackerTests
{
    private const string Label = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij.";

    private static readonly byte[] OnePeer = [.. "d8:intervali900e12:min intervali60e5:peers6:"u8, 10, 0, 0, 9, 0x1A, 0xE1, .. "e"u8];
    private static readonly PeerEndPoint NamedPeer = new(IPAddress.Parse("10.0.0.9"), 6881);

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_is_told_what_BEP_3_wants_and_names_peers(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench();
        var request = bench.Request();
        var peer = new PeerEndPoint(IPAddress.Parse("127.0.0.7"), 5000);
        var peer6 = new PeerEndPoint(IPAddress.Parse("2a00::7"), 5001);
        tracker.AddPeer(request.InfoHash, peer);
        tracker.AddPeer(request.InfoHash, peer6);

        var answer = await bench.AskAsync(new Uri(tracker.HttpUrl), cancellationToken, request);

        var seen = tracker.Announces.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Trouble, Is.Null);
            Assert.That(answer.Peers, Is.EquivalentTo(new[] { peer, peer6 }));
            Assert.That(answer.Interval, Is.EqualTo(TimeSpan.FromMinutes(30)));
            Assert.That(answer.Server, Is.EqualTo(IPAddress.Loopback));
            Assert.That(seen.InfoHash, Is.EqualTo(request.InfoHash));
            Assert.That(seen.Peer, Is.EqualTo(new PeerEndPoint(IPAddress.Loopback, 42069)));
            Assert.That(seen.Event, Is.EqualTo("started"));
            Assert.That(seen.Left, Is.EqualTo(3));
            Assert.That(seen.NumWant, Is.EqualTo(50));
            Assert.That(seen.Query["uploaded"], Is.EqualTo("1"));
            Assert.That(seen.Query["downloaded"], Is.EqualTo("2"));
            Assert.That(seen.Query["compact"], Is.EqualTo("1"));
            Assert.That(seen.Query["peer_id"], Does.StartWith("-DB0100-"));
            Assert.That(seen.Query, Does.ContainKey("key"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task The_request_says_who_asks_and_nothing_more(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", OnePeer);
        await using var bench = new TrackerBench();

        await bench.AskAsync(server.Url, cancellationToken);

        var names = server
            .Heads[0]
            .Split("\r\n")
            .Skip(1)
            .Where(line => line.Length > 0)
            .Select(line => line.Split(':')[0].ToLowerInvariant());
        Assert.That(names, Is.EquivalentTo(new[] { "host", "user-agent", "accept-encoding", "connection" }));
        Assert.That(server.Heads[0], Does.Contain("User-Agent: Distribyted/0.1"));
        Assert.That(server.Heads[0], Does.Contain("Accept-Encoding: gzip, deflate\r\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Public_addresses_that_the_user_named_are_told(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(
            new DiscoveryOptions { PublicAddresses = [IPAddress.Parse("203.0.113.7"), IPAddress.Parse("2001:db8::7")] }
        );

        await bench.AskAsync(new Uri(tracker.HttpUrl), cancellationToken);

        var query = tracker.Announces.Single().Query;
        Assert.That(query["ip"], Is.EqualTo("203.0.113.7"));
        Assert.That(Uri.UnescapeDataString(query["ipv6"]), Is.EqualTo("2001:db8::7"));
    }

    [TestCase("gzip")]
    [TestCase("deflate")]
    [CancelAfter(60_000)]
    public async Task A_packed_answer_is_unpacked(string encoding, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer($"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}", Pack(encoding, OnePeer));
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Is.EqualTo(new[] { NamedPeer }), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_bomb_of_gzip_is_given_up_after_two_mebibytes(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", Pack("gzip", new byte[256 << 20]));
        await using var bench = new TrackerBench();
        var before = GC.GetTotalAllocatedBytes();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("TooLarge"));
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(32 << 20));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_endless_answer_is_given_up_after_two_mebibytes(CancellationToken cancellationToken)
    {
        var sent = 0L;
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\nd5:peers"u8.ToArray(), token);
                for (var chunk = new byte[64 << 10]; ; sent += chunk.Length)
                {
                    await stream.WriteAsync(chunk, token);
                }
            }
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("TooLarge"));
        Assert.That(Interlocked.Read(ref sent), Is.LessThan(32 << 20));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_answer_that_drips_is_given_up_after_fifteen_seconds(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nd"u8.ToArray(), token);
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        );
        await using var bench = new TrackerBench(time: time);

        var asking = bench.AskAsync(server.Url, cancellationToken);
        await asked.Task.WaitAsync(cancellationToken);
        time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.That(asking.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(0.1));

        var answer = await asking;
        Assert.That(answer.Trouble, Does.Contain("no answer"));
    }

    [TestCase("HTTP/1.1 200 OK", "<html>blocked</html>", "no answer to an announce")]
    [TestCase("HTTP/1.1 200 OK", "", "no answer to an announce")]
    [TestCase("HTTP/1.1 404 Not Found", "nothing", "HTTP 404")]
    [TestCase("HTTP/1.1 503 Busy", "nothing", "HTTP 503")]
    [TestCase("HTTP/1.1 400 Bad Request", "d14:failure reason20:unregistered torrente", "unregistered torrent")]
    [TestCase("HTTP/1.1 200 OK", "d14:failure reason20:unregistered torrente", "unregistered torrent")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", "not gzip at all", "cannot be unpacked")]
    [TestCase("SIP/2.0 200 OK", "d", "does not speak HTTP")]
    [CancelAfter(60_000)]
    public async Task What_went_wrong_is_said_in_words(string head, string body, string words, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(head, Encoding.ASCII.GetBytes(body));
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain(words));
        Assert.That(answer.Peers, Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task Nobody_there_and_nobody_known_is_unreachable(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench();

        var refused = await bench.AskAsync(new Uri("http://127.0.0.1:1/announce"), cancellationToken);
        var unknown = await bench.AskAsync(new Uri("http://no.such.host/announce"), cancellationToken);

        Assert.That((refused.Trouble, refused.Unreachable), Is.EqualTo(("refuses connections", true)));
        Assert.That((unknown.Trouble, unknown.Unreachable), Is.EqualTo(("the name is not known", true)));
    }

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

    [TestCase("http://home.example/announce")]
    [TestCase("http://127.0.0.1:9/announce")]
    [TestCase("http://169.254.169.254/announce")]
    [CancelAfter(60_000)]
    public async Task A_public_tracker_may_not_send_us_home(string location, CancellationToken cancellationToken)
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
    public async Task A_name_that_turns_into_a_home_address_while_it_is_used_is_refused(CancellationToken cancellationToken)
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
    public async Task Traffic_leaves_from_the_address_that_was_set(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(transport: new TransportOptions { BindAddresses = [IPAddress.Parse("127.0.0.77")] });

        await bench.AskAsync(new Uri(tracker.HttpUrl), cancellationToken);
        await bench.AskAsync(new Uri(tracker.UdpUrl), cancellationToken);

        Assert.That(tracker.Announces.Select(announce => announce.Peer.Address), Is.All.EqualTo(IPAddress.Parse("127.0.0.77")));
        Assert.That(tracker.Announces, Has.Count.EqualTo(2));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_family_that_works_is_found(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", OnePeer);
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["::1", "127.0.0.1"] },
            road: endPoint => new IPEndPoint(endPoint.Address, endPoint.Address.Equals(IPAddress.Loopback) ? server.Port : 1)
        );

        var answer = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);

        Assert.That(answer.Peers, Has.Count.EqualTo(1), answer.Trouble);
    }

    [TestCase("HTTP/1.1 500 Oops", "<html>")]
    [TestCase("HTTP/1.1 503 Busy", "")]
    [TestCase("HTTP/1.1 200 OK", "<html>")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", "no gzip")]
    [TestCase("SIP/2.0 200 OK", "d")]
    [CancelAfter(60_000)]
    public async Task Who_answered_badly_is_not_unreachable(string head, string body, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(head, Encoding.ASCII.GetBytes(body));
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That((answer.Trouble is null, answer.Unreachable), Is.EqualTo((false, false)), answer.Trouble);
    }

    [TestCase("")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nd8:int")]
    [CancelAfter(60_000)]
    public async Task Who_hangs_up_on_one_torrent_is_not_unreachable(string sent, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(
            async (_, stream, token) => await stream.WriteAsync(Encoding.ASCII.GetBytes(sent), token)
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That((answer.Trouble is null, answer.Unreachable), Is.EqualTo((false, false)), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_sends_us_to_a_dead_server_is_not_unreachable_itself(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/announce", []);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(
            (answer.Trouble, answer.Unreachable),
            Is.EqualTo(("redirects to a server that gives no answer: refuses connections", false))
        );
    }

    [TestCase("this is no header")]
    [TestCase(": nothing")]
    [TestCase("Two Words: x")]
    [TestCase("X-Odd: a\u0001b")]
    [TestCase("Content-Length: many")]
    [TestCase("PHP Warning:  something at line 3\r\n  and so on")]
    [CancelAfter(60_000)]
    public async Task One_bad_header_line_does_not_cost_the_answer(string line, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer($"HTTP/1.1 200 OK\r\nServer: x\r\n{line}", OnePeer);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Is.EqualTo(new[] { NamedPeer }), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_head_that_comes_byte_by_byte_is_repaired_on_a_connection_that_is_used_again_too(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                for (var served = 1; served <= 2; served++)
                {
                    foreach (var b in Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: {OnePeer.Length}\r\n\r\n"))
                    {
                        await stream.WriteAsync(new[] { b }, token);
                    }

                    await stream.WriteAsync(OnePeer, token);
                    var next = new byte[4096];
                    if (await stream.ReadAtLeastAsync(next, 4, throwOnEndOfStream: false, token) == 0)
                    {
                        return;
                    }
                }
            }
        );
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["203.0.113.5"] },
            road: _ => new IPEndPoint(IPAddress.Loopback, server.Port)
        );

        var one = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);
        var two = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);

        Assert.That((one.Trouble, two.Trouble), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(bench.Dialled, Has.Count.EqualTo(1));
    }

    [TestCase("\r\n\r\n<!-- served by x -->", 1000)]
    [TestCase("", 3)]
    [CancelAfter(60_000)]
    public async Task An_answer_with_a_wrong_length_and_something_behind_it_is_read(
        string behind,
        int tooMuch,
        CancellationToken cancellationToken
    )
    {
        byte[] body = [.. OnePeer, .. Encoding.ASCII.GetBytes(behind)];
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length + tooMuch}\r\n\r\n"),
                    token
                );
                await stream.WriteAsync(body, token);
            }
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Is.EqualTo(new[] { NamedPeer }), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_whole_answer_is_read_although_the_connection_stays_open_for_more(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), token);
                await stream.WriteAsync(OnePeer, token);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        );
        await using var bench = new TrackerBench(time: time);

        var asking = bench.AskAsync(server.Url, cancellationToken);
        while (!asking.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            time.Advance(server.Heads.Count > 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
            await Task.Yield();
        }

        Assert.That((await asking).Peers, Is.EqualTo(new[] { NamedPeer }));
    }

    [Test, CancelAfter(60_000)]
    public async Task User_and_password_go_to_the_tracker_and_not_to_where_it_sends_us(CancellationToken cancellationToken)
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

    [Test, CancelAfter(60_000)]
    public async Task Both_address_families_of_a_tracker_hear_of_us(CancellationToken cancellationToken)
    {
        await using var four = LabTracker.Start();
        await using var six = LabTracker.Start(IPAddress.IPv6Loopback);
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["203.0.113.5", "2a00::5"] },
            road: endPoint => endPoint.Address.ToString().Contains(':') ? At(six) : At(four)
        );
        var request = bench.Request();
        var (peer4, peer6) = (new PeerEndPoint(IPAddress.Parse("8.8.8.8"), 5000), new PeerEndPoint(IPAddress.Parse("2a00::7"), 5000));
        four.AddPeer(request.InfoHash, peer4);
        six.AddPeer(request.InfoHash, peer6);

        var answer = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken, request);
        var other = await answer.Other!;

        Assert.That(answer.Peers.Concat(other.Peers), Is.EquivalentTo(new[] { peer4, peer6 }));

        static IPEndPoint At(LabTracker tracker) => IPEndPoint.Parse(new Uri(tracker.HttpUrl).Authority);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_family_that_we_have_no_road_for_tells_nothing_about_the_tracker(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["203.0.113.5", "2a00::5"] },
            road: endPoint =>
                endPoint.Address.ToString().Contains(':')
                    ? throw new SocketException((int)SocketError.NetworkUnreachable)
                    : new IPEndPoint(IPAddress.Loopback, 1)
        );

        var answer = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);

        Assert.That((answer.Trouble, answer.Unreachable), Is.EqualTo(("refuses connections", true)));
    }

    private static byte[] Pack(string encoding, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (
            Stream pack =
                encoding == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest) : new ZLibStream(packed, CompressionLevel.Fastest)
        )
        {
            pack.Write(bytes);
        }

        return packed.ToArray();
    }
}
