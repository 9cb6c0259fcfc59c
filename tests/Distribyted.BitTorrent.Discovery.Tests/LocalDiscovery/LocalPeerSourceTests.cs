using Distribyted.BitTorrent.Discovery.LocalDiscovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.LocalDiscovery;

/// <summary>Local discovery is a source of peers.</summary>
internal sealed class LocalPeerSourceTests : PeerSourceConformance
{
    protected override ISourceWorld CreateWorld(InfoHash hash)
    {
        return new World(hash);
    }

    private sealed class World : ISourceWorld
    {
        private readonly FakeMulticast _network = new();
        private readonly FakeTimeProvider _time = new();
        private readonly LocalDiscoveryServices _services;

        public World(InfoHash hash)
        {
            _network.Answer = announce =>
            {
                if (announce.InfoHashes.Contains(hash))
                {
                    _network.Hear(new LocalAnnounce(Peer.Port, [hash], "another"), Peer);
                }
            };
            _services = new LocalDiscoveryServices(_network, _time, NullLogger.Instance);
        }

        public int Questions => _network.Sent.Count;

        public IPeerSource Create(FakeSwarm swarm)
        {
            return _services.CreateSource(swarm);
        }

        public void Advance(TimeSpan time)
        {
            _time.Advance(time);
        }

        public ValueTask DisposeAsync()
        {
            return _services.DisposeAsync();
        }
    }
}
