using System.Net;
using Distribyted.BitTorrent.Discovery.LocalDiscovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.LocalDiscovery;

/// <summary>How often what is announced, and what is made of what others announce.</summary>
[CancelAfter(30_000)]
internal sealed class LocalDiscoveryServicesTests : IAsyncDisposable
{
    private static readonly PeerEndPoint Other = new(IPAddress.Parse("192.168.1.7"), 6881);

    private FakeMulticast _network = null!;
    private FakeTimeProvider _time = null!;
    private LocalDiscoveryServices _services = null!;

    [SetUp]
    public void Make()
    {
        _network = new FakeMulticast();
        _time = new FakeTimeProvider();
        _services = new LocalDiscoveryServices(_network, _time, NullLogger.Instance);
    }

    [TearDown]
    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
    }

    [Test]
    public async Task A_torrent_is_announced_at_once_and_then_every_five_minutes(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await StartAsync([swarm], cancellationToken);

        Assert.That(_network.Sent.Single().InfoHashes, Is.EqualTo([swarm.InfoHash]));
        Assert.That(_network.Sent.Single().Port, Is.EqualTo(swarm.Ports.Local));
        _time.Advance(TimeSpan.FromSeconds(299));
        Assert.That(_network.Sent, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_network.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Wanting_peers_does_not_shorten_the_five_minutes(CancellationToken cancellationToken)
    {
        var source = (await StartAsync([new FakeSwarm()], cancellationToken))[0];

        for (var i = 0; i < 200; i++)
        {
            source.WantPeers();
            source.Changed(SwarmChange.NetworkReturned);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_network.Sent, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_torrent_that_starts_again_and_again_is_announced_every_five_minutes(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        var source = (await StartAsync([swarm], cancellationToken))[0];
        for (var i = 0; i < 299; i++)
        {
            await source.StopAsync(cancellationToken);
            source = _services.CreateSource(swarm);
            source.Start();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_network.Sent, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_network.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Many_torrents_go_out_together_and_one_datagram_a_second(CancellationToken cancellationToken)
    {
        FakeSwarm[] swarms = [.. Enumerable.Range(0, 100).Select(static i => new FakeSwarm { InfoHash = InfoHash.Compute([(byte)i]) })];
        await StartAsync(swarms, cancellationToken);

        for (var second = 1; second < 10; second++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(999));
            var before = _network.Sent.Count;
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.That(_network.Sent.Count - before, Is.LessThanOrEqualTo(1));
        }

        Assert.That(_network.Sent.SelectMany(static a => a.InfoHashes), Is.EquivalentTo(swarms.Select(static s => s.InfoHash)));
        Assert.That(_network.Sent.Max(static a => a.InfoHashes.Count), Is.EqualTo(LocalAnnounce.MaxInfoHashes));
    }

    [Test]
    public async Task Who_wants_peers_goes_first(CancellationToken cancellationToken)
    {
        FakeSwarm[] swarms = [.. Enumerable.Range(0, 100).Select(static i => new FakeSwarm { InfoHash = InfoHash.Compute([(byte)i]) })];
        var sources = await StartAsync(swarms, cancellationToken);
        var announced = _network.Sent.SelectMany(static a => a.InfoHashes).ToHashSet();
        var last = Array.FindLastIndex(swarms, s => !announced.Contains(s.InfoHash));

        sources[last].WantPeers();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(_network.Sent.Last().InfoHashes[0], Is.EqualTo(swarms[last].InfoHash));
    }

    [Test]
    public async Task Another_network_hears_it_at_once(CancellationToken cancellationToken)
    {
        var source = (await StartAsync([new FakeSwarm()], cancellationToken))[0];
        _time.Advance(TimeSpan.FromSeconds(5));

        _services.NetworkChanged();
        source.Changed(SwarmChange.PresenceLost);
        _time.Advance(TimeSpan.Zero);

        Assert.That(_network.Sent, Has.Count.EqualTo(2));
        Assert.That(_network.Refreshes, Is.EqualTo(1));
    }

    [Test]
    public async Task A_peer_that_announces_a_torrent_of_ours_is_handed_over(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        var source = (await StartAsync([swarm], cancellationToken))[0];
        Assert.That(source.Trouble, Is.Not.Null);

        _network.Hear(new LocalAnnounce(Other.Port, [InfoHash.Compute("x"u8), swarm.InfoHash], ""), Other);

        Assert.That(swarm.Peers, Is.EqualTo([Other]));
        Assert.That(swarm.Origins, Is.EqualTo([PeerOrigin.LocalDiscovery]));
        Assert.That(source.Trouble, Is.Null);
    }

    [Test]
    public async Task A_peer_is_handed_over_once_a_minute_and_a_flood_of_them_ends(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await StartAsync([swarm], cancellationToken);
        for (var i = 0; i < 10; i++)
        {
            _network.Hear(new LocalAnnounce(Other.Port, [swarm.InfoHash], ""), Other);
        }

        Assert.That(swarm.Peers, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        _network.Hear(new LocalAnnounce(Other.Port, [swarm.InfoHash], ""), Other);
        Assert.That(swarm.Peers, Has.Count.EqualTo(2));

        for (var port = 1; port < 3000; port++)
        {
            _network.Hear(new LocalAnnounce(port, [swarm.InfoHash], ""), new PeerEndPoint(Other.Address, port));
        }

        Assert.That(swarm.Peers, Has.Count.LessThan(1100));
    }

    [Test]
    public async Task Our_own_announces_are_known_by_their_cookie(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await StartAsync([swarm], cancellationToken);

        _network.Hear(_network.Sent.Single(), Other);

        Assert.That(swarm.Peers, Is.Empty);
    }

    [Test]
    public async Task Without_torrents_nothing_is_opened(CancellationToken cancellationToken)
    {
        var source = _services.CreateSource(new FakeSwarm());
        _time.Advance(TimeSpan.FromHours(1));

        Assert.That(_network.IsStarted, Is.False);
        await source.StopAsync(cancellationToken);
    }

    [Test]
    public void Private_torrents_are_not_announced_and_get_no_peers_of_it()
    {
        Assert.That(PeerOrigin.LocalDiscovery.IsAllowed(isPrivate: true), Is.False);
        Assert.That(PeerOrigin.LocalDiscovery.IsAllowed(isPrivate: false), Is.True);
    }

    private async Task<IPeerSource[]> StartAsync(FakeSwarm[] swarms, CancellationToken cancellationToken)
    {
        IPeerSource[] sources = [.. swarms.Select(_services.CreateSource)];
        foreach (var source in sources)
        {
            source.Start();
        }

        await Waiting.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.Zero);
                return !_network.Sent.IsEmpty;
            },
            static () => "nothing was announced",
            cancellationToken
        );
        return sources;
    }
}
