using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Peers;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Who is let into a torrent that is full, or full of one client.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class AdmissionTests : CacheFixture
{
    private const int Most = 60;

    private readonly FakeTimeProvider _time = new();
    private readonly List<Peer> _peers = [];
    private int _last;

    [TearDown]
    public void Close()
    {
        _peers.ForEach(static p => p.Connection.Dispose());
        _peers.Clear();
    }

    [TestCase("203.0.113.7", "203.0.113.7", false)]
    [TestCase("203.0.113.7", "203.0.113.8", true)]
    [TestCase("2001:db8::{0}", "2001:db8::ffff", false)]
    [TestCase("2001:db8::{0}", "2001:db8:0:1::ffff", true)]
    public async Task One_client_has_three_connections_and_a_network_of_64_bits_is_one_client(
        string three,
        string fourth,
        bool joins,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await OpenSwarmAsync(withMetadata: true, cancellationToken);
        for (var i = 1; i <= 3; i++)
        {
            Assert.That(Join(bed, string.Format(null, three, i)).Outcome, Is.EqualTo(DialOutcome.Joined));
        }

        Assert.That(Join(bed, fourth).Outcome, Is.EqualTo(joins ? DialOutcome.Joined : DialOutcome.NoPlace));
    }

    [Test]
    public async Task A_reader_that_no_peer_helps_takes_more_of_one_client(CancellationToken cancellationToken)
    {
        await using var bed = await OpenSwarmAsync(withMetadata: true, cancellationToken);
        await using var reader = await BlockAsync(bed, cancellationToken);

        var joined = Enumerable.Range(0, 30).Count(_ => Join(bed, "203.0.113.7", isOutgoing: true).Outcome == DialOutcome.Joined);

        Assert.That(joined, Is.EqualTo(Most / 4));
    }

    [Test]
    public async Task While_metadata_is_wanted_a_third_of_the_places_is_kept_for_those_that_we_dial(CancellationToken cancellationToken)
    {
        await using var bed = await OpenSwarmAsync(withMetadata: false, cancellationToken);

        var incoming = Enumerable.Range(0, Most).Count(_ => Join(bed, NextAddress()).Outcome == DialOutcome.Joined);
        var outgoing = Enumerable.Range(0, Most).Count(_ => Join(bed, NextAddress(), isOutgoing: true).Outcome == DialOutcome.Joined);

        Assert.That((incoming, outgoing), Is.EqualTo((Most * 2 / 3, Most / 3)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Who_has_no_metadata_is_closed_for_others_while_it_is_wanted(bool isOutgoing, CancellationToken cancellationToken)
    {
        await using var bed = await OpenSwarmAsync(withMetadata: false, cancellationToken);
        var crowd = Enumerable.Range(0, Most).Select(_ => Join(bed, NextAddress(), isOutgoing: true)).ToList();
        Assert.That(crowd.TrueForAll(static c => c.Outcome == DialOutcome.Joined));
        Assert.That(Join(bed, NextAddress(), isOutgoing).Outcome, Is.EqualTo(DialOutcome.NoPlace), "they may have it");

        crowd.ForEach(static c => c.Peer.Extensions = new ExtensionHandshake());

        Assert.That(Join(bed, NextAddress(), isOutgoing).Outcome, Is.EqualTo(DialOutcome.Joined));
        Assert.That(crowd.FindAll(static c => c.Peer.IsClosed), Is.EqualTo(crowd[..1]));
        Assert.That(bed.Services.Connections.Taken, Is.EqualTo(Most));
    }

    [TestCase(false, true, true, true, TestName = "Who_has_no_piece_that_is_read_is_closed")]
    [TestCase(true, true, false, false, TestName = "Who_may_still_unchoke_us_stays")]
    [TestCase(true, true, true, true, TestName = "Who_has_not_unchoked_us_for_long_is_closed")]
    [TestCase(true, false, false, false, TestName = "Who_gives_stays")]
    public async Task Who_is_closed_for_a_blocked_reader(
        bool hasPieces,
        bool chokes,
        bool after,
        bool isClosed,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await OpenSwarmAsync(withMetadata: true, cancellationToken);
        await using var reader = await BlockAsync(bed, cancellationToken);
        for (var i = 0; i < Most; i++)
        {
            var peer = Join(bed, NextAddress(), isOutgoing: true).Peer;
            peer.HasSentHave = true;
            peer.IsChoking = chokes;
            if (hasPieces)
            {
                peer.Have!.SetAll();
            }
        }

        _time.Advance(TimeSpan.FromSeconds(after ? 20 : 1));

        Assert.That(Join(bed, NextAddress(), isOutgoing: true).Outcome, Is.EqualTo(isClosed ? DialOutcome.Joined : DialOutcome.NoPlace));
    }

    [TestCase(0, 8)]
    [TestCase(3, 8)]
    [TestCase(20, 20)]
    public async Task A_torrent_without_readers_keeps_a_few_peers_and_those_that_want_its_pieces(
        int interested,
        int kept,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await OpenSwarmAsync(withMetadata: true, cancellationToken);
        for (var i = 0; i < Most; i++)
        {
            var peer = Join(bed, NextAddress()).Peer;
            peer.IsInterested = i < interested;
        }

        bed.Swarm.Heartbeat();
        Assert.That(_peers.Count(static p => p.IsClosed), Is.Zero, "its metadata has just come");

        _time.Advance(TimeSpan.FromSeconds(31));
        bed.Swarm.Heartbeat();

        Assert.That(_peers.Count(static p => !p.IsClosed), Is.EqualTo(kept));
        Assert.That(_peers.Count(static p => p is { IsClosed: false, IsInterested: true }), Is.EqualTo(interested));
    }

    private static async Task<IAsyncDisposable> BlockAsync(Bed bed, CancellationToken cancellationToken)
    {
        var reader = bed.Swarm.Readers.TryOpen(0, 1.MiB(), 0, 1.MiB(), "test")!;
        var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = reader.ReadAsync(new byte[1], 0, gone.Token).AsTask();
        await Task.Yield();
        return new Blocked(reader, read, gone);
    }

    private (Peer Peer, DialOutcome Outcome) Join(Bed bed, string address, bool isOutgoing = false)
    {
        var transport = new NoWire(new PeerEndPoint(IPAddress.Parse(address), 10_000 + ++_last));
        var handshake = new Handshake(bed.Swarm.InfoHash, PeerId.CreateRandom(), 0x100004);
        var peer = new PeerConnection(bed.Swarm, bed.Services.Peers, transport, handshake, isOutgoing, 0).Peer;
        _peers.Add(peer);
        return (peer, bed.Swarm.Join(peer));
    }

    private string NextAddress()
    {
        return $"198.51.{_last / 250}.{1 + (_last % 250)}";
    }

    private async Task<Bed> OpenSwarmAsync(bool withMetadata, CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 64.KiB());
        var options = Options(64.MiB());
        var services = new SwarmServices(
            options.Swarm,
            options.Transport,
            options.Cache,
            new MonotonicClock(_time),
            NullLogger.Instance,
            new AddressGuard(options.Transport, [])
        );
        var cache = await OpenAsync(options, cancellationToken);
        var torrent = TestTorrent.Of(new TorrentSource(content.Info.InfoHash, "content", [], []), hasMetadata: withMetadata);
        var swarm = new Swarm(torrent, services);
        if (withMetadata)
        {
            swarm.UseMetadata(content.Info, events => cache.Attach(content.Info, events));
        }

        return new Bed(swarm, services, cache);
    }

    private sealed record Bed(Swarm Swarm, SwarmServices Services, IPieceStore Cache) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Swarm.DisposeAsync();
            await Cache.DisposeAsync();
            Services.Dispose();
        }
    }

    private sealed class Blocked(TorrentReader reader, Task read, CancellationTokenSource gone) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await gone.CancelAsync();
            await read.ContinueWith(static _ => { }, TaskScheduler.Default);
            await reader.DisposeAsync();
            gone.Dispose();
        }
    }
}
