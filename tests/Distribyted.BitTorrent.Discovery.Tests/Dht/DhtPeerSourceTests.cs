using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

/// <summary>The DHT is a source of peers.</summary>
internal sealed class DhtPeerSourceConformance : PeerSourceConformance
{
    protected override ISourceWorld CreateWorld(InfoHash hash)
    {
        return new World(hash);
    }

    private sealed class World : ISourceWorld
    {
        private readonly DhtBench _bench = new();
        private readonly ScriptedNode _node;
        private readonly DhtServices _services;
        private readonly NodeId _hash;

        public World(InfoHash hash)
        {
            _hash = NodeId.Of(hash);
            _node = _bench.Scripted(DhtBench.At("127.0.0.2"));
            _node.Peers[_hash] = [Peer];
            _services = _bench.Start(DhtBench.At("127.0.0.1"), "127.0.0.2:6881");
        }

        public int Questions => _node.CountOf(KrpcMethod.GetPeers, _hash) + _node.CountOf(KrpcMethod.AnnouncePeer, _hash);

        public IPeerSource Create(FakeSwarm swarm)
        {
            return _services.CreateSource(swarm);
        }

        public void Advance(TimeSpan time)
        {
            _bench.Network.Advance(time);
        }

        public ValueTask DisposeAsync()
        {
            return _bench.DisposeAsync();
        }
    }
}

internal sealed class DhtPeerSourceTests
{
    private static readonly PeerEndPoint Peer = DhtBench.At("30.1.2.3", 5000);

    private DhtBench _bench = null!;
    private ScriptedNode _node = null!;
    private DhtServices _services = null!;

    [SetUp]
    public void StartNodes()
    {
        _bench = new DhtBench();
        _node = _bench.Scripted(DhtBench.Public(1));
        _services = _bench.Start(DhtBench.Public(0), _node.EndPoint.ToString());
        _bench.Network.Advance(TimeSpan.FromSeconds(2));
    }

    [TearDown]
    public async Task StopNodes()
    {
        await _services.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Test]
    public void An_active_torrent_is_announced_every_quarter_of_an_hour_with_its_port()
    {
        _node.Nodes.AddRange(Enumerable.Range(2, 7).Select(i => _bench.Scripted(DhtBench.Public(i)).Compact)); // 8 in all
        var swarm = new FakeSwarm { Urgency = PeerUrgency.Regular };
        _services.CreateSource(swarm).Start();

        _bench.Network.Advance(TimeSpan.FromMinutes(1));
        Assert.That(Announces(swarm), Is.EqualTo(1));
        _bench.Network.Advance(TimeSpan.FromMinutes(60));

        Assert.That(Announces(swarm), Is.EqualTo(5));
        Assert.That(_node.Queries.Last(static query => query.Method == KrpcMethod.AnnouncePeer).Port, Is.EqualTo(swarm.Ports.IPv4));
    }

    [Test]
    public void A_torrent_that_was_announced_to_few_nodes_is_announced_again_soon()
    {
        var swarm = new FakeSwarm { Urgency = PeerUrgency.Regular };
        _services.CreateSource(swarm).Start();
        _bench.Network.Advance(TimeSpan.FromSeconds(5));

        _bench.Network.Advance(TimeSpan.FromSeconds(35));

        Assert.That(Announces(swarm), Is.EqualTo(2));
    }

    [Test]
    public void An_idle_torrent_costs_no_lookup_until_it_is_used()
    {
        var swarm = new FakeSwarm { IsIdle = true, Urgency = PeerUrgency.Regular };
        var source = _services.CreateSource(swarm);
        source.Start();

        _bench.Network.Advance(TimeSpan.FromHours(2));
        Assert.That(Lookups(swarm), Is.Zero);

        swarm.IsIdle = false;
        source.WantPeers();
        _bench.Network.Advance(TimeSpan.FromSeconds(5));
        Assert.That(Lookups(swarm), Is.EqualTo(1));

        swarm.IsIdle = true;
        _bench.Network.Advance(TimeSpan.FromHours(2));
        Assert.That(Lookups(swarm), Is.EqualTo(1));
    }

    [Test]
    public void A_blocked_reader_looks_again_after_ten_seconds_and_others_later()
    {
        var swarm = new FakeSwarm();
        var source = _services.CreateSource(swarm);
        source.Start();
        _bench.Network.Advance(TimeSpan.FromSeconds(1));

        for (var i = 0; i < 60; i++)
        {
            source.WantPeers();
            _bench.Network.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(Lookups(swarm), Is.InRange(6, 7));
    }

    [Test]
    public void In_all_torrents_there_is_one_announce_a_second()
    {
        for (var i = 0; i < 40; i++)
        {
            var swarm = new FakeSwarm
            {
                InfoHash = InfoHash.Compute([(byte)i]),
                Urgency = i % 2 == 0 ? PeerUrgency.Regular : PeerUrgency.Pending,
            };
            _services.CreateSource(swarm).Start();
        }

        for (var second = 1; second <= 20; second++)
        {
            _bench.Network.Advance(TimeSpan.FromSeconds(1));
            Assert.That(_node.CountOf(KrpcMethod.AnnouncePeer), Is.LessThanOrEqualTo(second + 1));
        }

        Assert.That(_node.CountOf(KrpcMethod.AnnouncePeer), Is.GreaterThan(15));
    }

    [Test]
    public void A_torrent_with_a_blocked_reader_does_not_wait_behind_a_thousand_others()
    {
        _node.IsSilent = true; // so that lookups take long
        for (var i = 0; i < 1000; i++)
        {
            var other = new FakeSwarm
            {
                InfoHash = InfoHash.Compute(BitConverter.GetBytes(i)),
                HasMetadata = false,
                Urgency = i % 2 == 0 ? PeerUrgency.Pending : PeerUrgency.Regular,
            };
            _services.CreateSource(other).Start();
        }

        _bench.Network.Advance(TimeSpan.FromMilliseconds(500));
        var before = _node.CountOf(KrpcMethod.GetPeers);
        var swarm = new FakeSwarm { Urgency = PeerUrgency.Reader };
        _services.CreateSource(swarm).Start();
        _bench.Network.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(before, Is.LessThanOrEqualTo(LookupQueue.MaxRunning));
        Assert.That(Lookups(swarm), Is.EqualTo(1));
    }

    [Test]
    public void Peers_of_private_networks_are_not_taken_from_a_public_node()
    {
        var swarm = new FakeSwarm();
        _node.Peers[NodeId.Of(swarm.InfoHash)] =
        [
            DhtBench.At("127.0.0.1", 5000),
            DhtBench.At("192.168.1.1", 5000),
            DhtBench.At("169.254.169.254", 5000),
            DhtBench.At("30.1.2.3", 22),
            Peer,
        ];
        _services.CreateSource(swarm).Start();

        _bench.Network.Advance(TimeSpan.FromSeconds(5));

        Assert.That(swarm.Peers, Is.EqualTo(new[] { Peer }));
    }

    [Test]
    public void The_trouble_says_whether_no_node_answers_or_no_peer_is_known()
    {
        var swarm = new FakeSwarm();
        var source = _services.CreateSource(swarm);
        source.Start();
        Assert.That(source.Trouble, Is.Null);

        _bench.Network.Advance(TimeSpan.FromSeconds(5));
        Assert.That(source.Trouble, Is.EqualTo("the DHT knows no peers"));

        _node.IsSilent = true;
        source.Changed(SwarmChange.PresenceLost);
        _bench.Network.Advance(TimeSpan.FromMinutes(2));
        Assert.That(source.Trouble, Is.EqualTo("no node of the DHT answers"));
    }

    private int Lookups(FakeSwarm swarm)
    {
        return _node.CountOf(KrpcMethod.GetPeers, NodeId.Of(swarm.InfoHash));
    }

    private int Announces(FakeSwarm swarm)
    {
        return _node.CountOf(KrpcMethod.AnnouncePeer, NodeId.Of(swarm.InfoHash));
    }
}
