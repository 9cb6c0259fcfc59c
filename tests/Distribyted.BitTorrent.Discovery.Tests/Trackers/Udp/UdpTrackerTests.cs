using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Udp;

internal sealed class UdpTrackerTests
{
    [Test, CancelAfter(60_000)]
    public async Task A_tracker_is_told_what_BEP_15_wants_and_names_peers(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench();
        var request = bench.Request();
        var peer = new PeerEndPoint(IPAddress.Parse("127.0.0.7"), 5000);
        tracker.AddPeer(request.InfoHash, peer);

        var answer = await bench.AskAsync(new Uri(tracker.UdpUrl + "/key?x=1"), cancellationToken, request);

        var seen = tracker.Announces.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Trouble, Is.Null);
            Assert.That(answer.Peers, Is.EqualTo(new[] { peer }));
            Assert.That(answer.Interval, Is.EqualTo(TimeSpan.FromMinutes(30)));
            Assert.That((seen.InfoHash, seen.Event, seen.Left, seen.NumWant), Is.EqualTo((request.InfoHash, "started", 3L, 50)));
            Assert.That(seen.Peer, Is.EqualTo(new PeerEndPoint(IPAddress.Loopback, 42069)));
            Assert.That(seen.Query[""], Is.EqualTo("/announce/key?x=1"), "BEP 41");
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task IPv6_peers_come_over_IPv6(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start(IPAddress.IPv6Loopback);
        await using var bench = new TrackerBench();
        var peer = new PeerEndPoint(IPAddress.Parse("2a00::7"), 5000);
        tracker.AddPeer(bench.Request().InfoHash, peer);

        var answer = await bench.AskAsync(new Uri(tracker.UdpUrl), cancellationToken, bench.Request() with { PortIPv6 = 42070 });

        Assert.That(answer.Peers, Is.EqualTo(new[] { peer }), answer.Trouble);
        Assert.That(tracker.Announces.Single().Peer.Port, Is.EqualTo(42070), "a router maps the other port for IPv4 only");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_lost_datagram_is_sent_again_after_three_then_fifteen_seconds(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench(time: time);
        tracker.DropNextDatagrams = 2;

        var asking = bench.AskAsync(new Uri(tracker.UdpUrl), cancellationToken);
        await DroppedAsync(tracker, 1, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.That(tracker.DropNextDatagrams, Is.EqualTo(1));
        time.Advance(TimeSpan.FromSeconds(0.1));
        await DroppedAsync(tracker, 0, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(15));

        var answer = await asking;
        Assert.That(answer.Trouble, Is.Null);
        Assert.That(tracker.Announces, Has.Count.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_never_answers_is_given_up_after_48_seconds(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var bench = new TrackerBench(time: time);
        var buffer = new byte[100];

        var asking = bench.AskAsync(new Uri($"udp://{silent.LocalEndPoint}/announce"), cancellationToken);
        foreach (var wait in (int[])[3, 15, 30])
        {
            await silent.ReceiveAsync(buffer, cancellationToken);
            Assert.That(asking.IsCompleted, Is.False);
            time.Advance(TimeSpan.FromSeconds(wait));
        }

        var answer = await asking;
        Assert.That((answer.Trouble, answer.Unreachable), Is.EqualTo(("does not answer", true)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_connection_id_is_used_for_a_minute(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var relay = new CountingUdpTracker();
        await using var bench = new TrackerBench(time: time);

        await bench.AskAsync(relay.Url, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(59));
        await bench.AskAsync(relay.Url, cancellationToken);
        Assert.That((relay.Connects, relay.Announces), Is.EqualTo((1, 2)));

        time.Advance(TimeSpan.FromSeconds(1));
        await bench.AskAsync(relay.Url, cancellationToken);
        Assert.That((relay.Connects, relay.Announces), Is.EqualTo((2, 3)));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_answer_from_another_port_is_no_answer(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var impostor = new CountingUdpTracker { AnswersFromElsewhere = true };
        await using var bench = new TrackerBench(time: time);

        var asking = bench.AskAsync(impostor.Url, cancellationToken);
        foreach (var wait in (int[])[3, 15, 30])
        {
            await impostor.WaitForConnectAsync(cancellationToken);
            time.Advance(TimeSpan.FromSeconds(wait));
        }

        Assert.That((await asking).Unreachable, Is.True);
        Assert.That(impostor.Announces, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_refusal_comes_in_the_trackers_words_and_forgets_the_connection(CancellationToken cancellationToken)
    {
        await using var tracker = LabTracker.Start();
        await using var bench = new TrackerBench();
        tracker.Failure = "unregistered torrent";

        var answer = await bench.AskAsync(new Uri(tracker.UdpUrl), cancellationToken);

        Assert.That((answer.Trouble, answer.Unreachable), Is.EqualTo(("unregistered torrent", false)));
    }

    [TestCase(new byte[] { 0, 0, 0, 0 })]
    [TestCase(new byte[] { 0, 0, 0, 9, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 })]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 })]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [TestCase(new byte[] { 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 })]
    [CancelAfter(60_000)]
    public async Task Nonsense_with_the_right_transaction_is_passed_over_and_the_answer_behind_it_counts(
        byte[] nonsense,
        CancellationToken cancellationToken
    )
    {
        await using var tracker = new CountingUdpTracker { Nonsense = nonsense };
        await using var bench = new TrackerBench(time: new FakeTimeProvider());

        var answer = await bench.AskAsync(tracker.Url, cancellationToken);

        Assert.That(answer.Trouble, Is.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task A_tracker_that_was_started_anew_is_asked_with_a_new_connection_id(bool says, CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = new CountingUdpTracker { RefusesOldIdsAloud = says };
        await using var bench = new TrackerBench(time: time);

        await bench.AskAsync(tracker.Url, cancellationToken);
        tracker.ForgetConnections();
        var asking = bench.AskAsync(tracker.Url, cancellationToken);
        while (!says && tracker.Refused == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        time.Advance(says ? TimeSpan.Zero : TimeSpan.FromSeconds(3));
        var answer = await asking;

        Assert.That(answer.Trouble, Is.Null);
        Assert.That((tracker.Connects, tracker.Announces), Is.EqualTo((2, 2)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_connects_and_says_nothing_about_one_torrent_is_not_unreachable(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var tracker = new CountingUdpTracker { AnswersAnnounces = false };
        await using var bench = new TrackerBench(time: time);

        var asking = bench.AskAsync(tracker.Url, cancellationToken);
        for (var tried = 1; tried <= 3; tried++)
        {
            while (tracker.Refused < tried)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            time.Advance(TimeSpan.FromSeconds(30));
        }

        var answer = await asking;
        Assert.That((answer.Trouble, answer.Unreachable), Is.EqualTo(("does not answer announces", false)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Both_address_families_of_a_tracker_hear_of_us(CancellationToken cancellationToken)
    {
        await using var six = new CountingUdpTracker(IPAddress.IPv6Loopback);
        await using var four = new CountingUdpTracker(IPAddress.Loopback, six.Url.Port);
        await using var bench = new TrackerBench(names: new() { ["tracker.example"] = ["127.0.0.1", "::1"] });

        var answer = await bench.AskAsync(new Uri($"udp://tracker.example:{six.Url.Port}/announce"), cancellationToken);
        await answer.Other!;

        Assert.That((four.Announces, six.Announces), Is.EqualTo((1, 1)));
    }

    private static async Task DroppedAsync(LabTracker tracker, int left, CancellationToken cancellationToken)
    {
        while (tracker.DropNextDatagrams > left)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
