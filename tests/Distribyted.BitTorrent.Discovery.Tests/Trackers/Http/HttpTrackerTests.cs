using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;
using Distribyted.Lab;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Http.HttpAnswers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

/// <summary>What a tracker is told over HTTP, and by which address.</summary>
internal sealed class HttpTrackerTests
{
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

    [Test, CancelAfter(60_000)]
    public async Task The_request_names_the_client_and_nothing_more(CancellationToken cancellationToken)
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
    public async Task A_family_without_a_route_tells_nothing_about_the_tracker(CancellationToken cancellationToken)
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

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_is_announced_to_over_both_address_families(CancellationToken cancellationToken)
    {
        await using var four = LabTracker.Start();
        await using var six = LabTracker.Start(IPAddress.IPv6Loopback);
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["203.0.113.5", "2a00::5"] },
            road: endPoint => endPoint.Address.ToString().Contains(':') ? At(six) : At(four)
        );
        var request = bench.Request() with { PortIPv6 = 42070 };
        var (peer4, peer6) = (new PeerEndPoint(IPAddress.Parse("8.8.8.8"), 5000), new PeerEndPoint(IPAddress.Parse("2a00::7"), 5000));
        four.AddPeer(request.InfoHash, peer4);
        six.AddPeer(request.InfoHash, peer6);

        var answer = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken, request);
        var other = await answer.Other!;

        Assert.That(answer.Peers.Concat(other.Peers), Is.EquivalentTo(new[] { peer4, peer6 }));
        Assert.That((four.Announces.Single().Peer.Port, six.Announces.Single().Peer.Port), Is.EqualTo((request.Port, request.PortIPv6)));

        static IPEndPoint At(LabTracker tracker) => IPEndPoint.Parse(new Uri(tracker.HttpUrl).Authority);
    }
}
