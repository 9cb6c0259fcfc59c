using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Discovery.Tests;

internal sealed class PeerSourcesTests
{
    [Test]
    public async Task Every_source_hears_everything()
    {
        var (one, two) = (new FakeSource(PeerOrigin.Tracker), new FakeSource(PeerOrigin.PeerExchange));
        var sources = new PeerSources(new FakeSwarm(), [_ => one, _ => two], NullLogger.Instance);

        sources.Start();
        sources.WantPeers();
        sources.Changed(SwarmChange.Completed);
        await sources.StopAsync(CancellationToken.None);

        Assert.That(one.Calls, Is.EqualTo(new[] { "start", "want", "Completed", "stop" }));
        Assert.That(two.Calls, Is.EqualTo(one.Calls));
    }

    [Test]
    public void A_private_torrent_starts_only_the_sources_that_it_may_have()
    {
        var (own, other) = (new FakeSource(PeerOrigin.Tracker), new FakeSource(PeerOrigin.PeerExchange));
        var sources = new PeerSources(new FakeSwarm { IsPrivate = true }, [_ => own, _ => other], NullLogger.Instance);

        sources.Start();

        Assert.That(own.Calls, Is.EqualTo(new[] { "start" }));
        Assert.That(other.Calls, Is.Empty);
    }

    [Test]
    public void A_magnet_that_turns_out_to_be_private_stops_the_others_once()
    {
        var (own, other) = (new FakeSource(PeerOrigin.Tracker), new FakeSource(PeerOrigin.PeerExchange));
        var swarm = new FakeSwarm { HasMetadata = false };
        var sources = new PeerSources(swarm, [_ => own, _ => other], NullLogger.Instance);
        sources.Start();

        swarm.HasMetadata = swarm.IsPrivate = true;
        sources.Changed(SwarmChange.Metadata);
        sources.Changed(SwarmChange.NetworkReturned);
        sources.WantPeers();

        Assert.That(own.Calls, Is.EqualTo(new[] { "start", "Metadata", "NetworkReturned", "want" }));
        Assert.That(other.Calls, Is.EqualTo(new[] { "start", "stop" }));
    }

    [Test]
    public async Task Kinds_that_come_later_are_started_once_and_only_while_the_others_run()
    {
        var (own, dht, late) = (
            new FakeSource(PeerOrigin.Tracker),
            new FakeSource(PeerOrigin.Dht),
            new FakeSource(PeerOrigin.LocalDiscovery)
        );
        IReadOnlyList<PeerSourceFactory> few = [_ => own];
        IReadOnlyList<PeerSourceFactory> more = [.. few, _ => dht];
        var sources = new PeerSources(new FakeSwarm(), few, NullLogger.Instance);
        var secret = new PeerSources(new FakeSwarm { IsPrivate = true }, few, NullLogger.Instance);
        sources.Start();

        sources.Grow(more);
        sources.Grow(more);
        secret.Grow(more);
        secret.WantPeers();
        await sources.StopAsync(CancellationToken.None);
        sources.Grow([.. more, _ => late]);

        Assert.That(dht.Calls, Is.EqualTo(new[] { "start", "stop" }));
        Assert.That(own.Calls, Is.EqualTo(new[] { "start", "want", "stop" }));
        Assert.That(late.Calls, Is.Empty);
    }

    [TestCase(null, null, null)]
    [TestCase("a", null, null)]
    [TestCase(null, "b", null)]
    [TestCase("a", "b", "a")]
    public void There_is_trouble_when_no_source_is_without(string? first, string? second, string? expected)
    {
        var one = new FakeSource(PeerOrigin.Tracker) { Trouble = first };
        var two = new FakeSource(PeerOrigin.PeerExchange) { Trouble = second };

        Assert.That(new PeerSources(new FakeSwarm(), [_ => one, _ => two], NullLogger.Instance).Trouble, Is.EqualTo(expected));
    }

    [TestCase(nameof(PeerOrigin.Tracker), true)]
    [TestCase(nameof(PeerOrigin.Incoming), true)]
    [TestCase(nameof(PeerOrigin.Magnet), true)]
    [TestCase(nameof(PeerOrigin.Remembered), true)]
    [TestCase(nameof(PeerOrigin.PeerExchange), false)]
    [TestCase(nameof(PeerOrigin.Dht), false)]
    public void A_private_torrent_has_no_peers_from_peer_exchange_or_the_DHT(string origin, bool allowed)
    {
        var value = Enum.Parse<PeerOrigin>(origin);

        Assert.That(value.IsAllowed(isPrivate: true), Is.EqualTo(allowed));
        Assert.That(value.IsAllowed(isPrivate: false), Is.True);
    }
}
