using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>Trackers are a source of peers.</summary>
internal sealed class TrackerPeerSourceTests : PeerSourceConformance
{
    protected override ISourceWorld CreateWorld(InfoHash hash)
    {
        return new World(hash);
    }

    private sealed class World : ISourceWorld
    {
        private readonly LabTracker _tracker = LabTracker.Start();
        private readonly TrackerBench _bench = new(time: new FakeTimeProvider());

        public World(InfoHash hash)
        {
            _tracker.AddPeer(hash, Peer);
        }

        public int Questions => _tracker.Announces.Count;

        public IPeerSource Create(FakeSwarm swarm)
        {
            return _bench.Announcer(
                swarm,
                [
                    [_tracker.HttpUrl],
                ]
            );
        }

        public void Advance(TimeSpan time)
        {
            _bench.Time!.Advance(time);
        }

        public async ValueTask DisposeAsync()
        {
            await _bench.DisposeAsync();
            await _tracker.DisposeAsync();
        }
    }
}
