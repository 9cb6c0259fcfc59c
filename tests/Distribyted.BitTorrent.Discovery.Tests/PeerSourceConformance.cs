using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Tests;

/// <summary>What torrents rely on in every source of peers. A new source is one more fixture that derives from this.</summary>
internal abstract class PeerSourceConformance
{
    /// <summary>A peer that <see cref="ISourceWorld"/> knows from the beginning.</summary>
    protected static readonly PeerEndPoint Peer = new(IPAddress.Parse("127.0.0.9"), 5000);

    /// <summary>What a source talks to, with one peer for the torrent in it.</summary>
    protected interface ISourceWorld : IAsyncDisposable
    {
        /// <summary>Makes a source; not started.</summary>
        IPeerSource Create(FakeSwarm swarm);

        /// <summary>How often the torrent was asked about, or announced, so far.</summary>
        int Questions { get; }

        /// <summary>Moves the clock on.</summary>
        void Advance(TimeSpan time);
    }

    /// <summary>Makes the world in which <paramref name="hash"/> has one <see cref="Peer"/>.</summary>
    protected abstract ISourceWorld CreateWorld(InfoHash hash);

    [Test, CancelAfter(60_000)]
    public async Task What_was_not_started_asks_no_one(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await using var world = CreateWorld(swarm.InfoHash);
        var source = world.Create(swarm);

        source.WantPeers();
        source.Changed(SwarmChange.PresenceLost);
        world.Advance(TimeSpan.FromHours(1));
        await source.StopAsync(cancellationToken);

        Assert.That(world.Questions, Is.Zero);
        Assert.That(swarm.Peers, Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_is_found_and_comes_with_the_origin_of_its_source(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await using var world = CreateWorld(swarm.InfoHash);
        var source = world.Create(swarm);

        source.Start();
        await AdvanceUntilAsync(world, () => swarm.Peers.Contains(Peer), cancellationToken);

        Assert.That(swarm.Origins, Is.All.EqualTo(source.Origin));
        await AdvanceUntilAsync(world, () => source.Trouble is null, cancellationToken);
        await source.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Starting_twice_is_starting_once(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await using var world = CreateWorld(swarm.InfoHash);
        var source = world.Create(swarm);

        source.Start();
        source.Start();
        await AdvanceUntilAsync(world, () => swarm.Peers.Count > 0, cancellationToken);

        Assert.That(swarm.Peers, Has.Count.EqualTo(1));
        await source.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task After_the_stop_nothing_is_asked_and_nothing_comes(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await using var world = CreateWorld(swarm.InfoHash);
        var source = world.Create(swarm);
        source.Start();
        await AdvanceUntilAsync(world, () => swarm.Peers.Count > 0, cancellationToken);

        await source.StopAsync(cancellationToken);
        var asked = world.Questions;
        source.Start();
        source.WantPeers();
        foreach (var change in Enum.GetValues<SwarmChange>())
        {
            source.Changed(change);
        }

        world.Advance(TimeSpan.FromHours(24));
        await source.StopAsync(cancellationToken); // a second call returns at once

        Assert.That(world.Questions, Is.EqualTo(asked));
        Assert.That(swarm.Peers, Has.Count.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_stop_without_time_returns_and_throws_nothing(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await using var world = CreateWorld(swarm.InfoHash);
        var source = world.Create(swarm);
        source.Start();
        await AdvanceUntilAsync(world, () => swarm.Peers.Count > 0, cancellationToken);

        await source.StopAsync(new CancellationToken(canceled: true));
    }

    [Test, CancelAfter(60_000)]
    public async Task Presence_that_was_lost_is_announced_again(CancellationToken cancellationToken)
    {
        var swarm = new FakeSwarm();
        await using var world = CreateWorld(swarm.InfoHash);
        var source = world.Create(swarm);
        source.Start();
        await AdvanceUntilAsync(world, () => swarm.Peers.Count > 0, cancellationToken);

        var before = world.Questions;
        source.Changed(SwarmChange.PresenceLost);

        await AdvanceUntilAsync(world, () => world.Questions > before, cancellationToken);
        await source.StopAsync(cancellationToken);
    }

    /// <summary>Moves the clock on in steps smaller than any interval between two rounds, until something has happened.</summary>
    private static async Task AdvanceUntilAsync(ISourceWorld world, Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            world.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
    }
}
