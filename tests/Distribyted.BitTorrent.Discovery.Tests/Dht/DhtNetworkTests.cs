using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

/// <summary>Many nodes of ours, with loss, silent nodes and nodes that lie.</summary>
internal sealed class DhtNetworkTests
{
    [TestCase(24, 0.0, 0, 0, 100, 1000)]
    [TestCase(20, 0.0, 30, 0, 700, 2000)]
    [TestCase(100, 0.05, 10, 10, 2000, 25_000)]
    [TestCase(200, 0.0, 0, 3, 1000, 25_000)] // 6 that lie: 8 could take every announce, and the torrent would be found nowhere
    public async Task What_one_node_announces_another_finds(
        int count,
        double loss,
        int silentPercent,
        int hostilePercent,
        int mostWarm,
        int mostCold
    )
    {
        var seed = Environment.TickCount;
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        await using var bench = new DhtBench(seed);
        bench.Network.Delay = static (_, _) => TimeSpan.FromMilliseconds(10);
        List<DhtServices> good = [bench.Start(DhtBench.Public(0))];
        var hash = InfoHash.Compute("a torrent"u8);
        var announcer = 0;
        for (var i = 1; i < count; i++)
        {
            if (i % 10 < silentPercent / 10)
            {
                Silent(bench, i);
            }
            else if (hostilePercent > 0 && i % (100 / hostilePercent) == 0)
            {
                Hostile(bench, NodeId.Of(hash), i);
            }
            else
            {
                good.Add(bench.Start(DhtBench.Public(i), DhtBench.Public(0).ToString()));
                announcer = announcer == 0 ? i : announcer;
            }

            bench.Network.Advance(TimeSpan.FromMilliseconds(50));
        }

        bench.Network.Advance(TimeSpan.FromSeconds(20));
        bench.Network.Loss = loss;
        good[1]
            .CreateSource(
                new FakeSwarm
                {
                    InfoHash = hash,
                    Ports = OwnPorts.Of(4711, mapped: 0, named: 0),
                    Urgency = PeerUrgency.Regular,
                }
            )
            .Start();
        bench.Network.Advance(TimeSpan.FromSeconds(10));
        var peer = new PeerEndPoint(DhtBench.Public(announcer).Address, 4711);

        var warm = new FakeSwarm { InfoHash = hash, Ports = OwnPorts.None };
        good[^1].CreateSource(warm).Start();
        var warmTime = bench.Network.AdvanceUntil(() => warm.Peers.Contains(peer), TimeSpan.FromSeconds(30));
        // Whoever is new gets one node in each answer, until it has proved its address: among nodes that lie it may need a second try.
        var cold = new FakeSwarm
        {
            InfoHash = hash,
            Ports = OwnPorts.None,
            HasMetadata = false,
            Urgency = PeerUrgency.Pending,
        };
        var late = bench.Start(DhtBench.At("90.1.1.1"), DhtBench.Public(0).ToString());
        late.CreateSource(cold).Start();
        var coldTime = bench.Network.AdvanceUntil(() => cold.Peers.Contains(peer), TimeSpan.FromSeconds(30));

        await TestContext.Out.WriteLineAsync(
            $"warm {warmTime}, cold {coldTime}, nodes {string.Join(' ', good.Take(10).Select(n => n.NodeCount))}"
        );
        Assert.That(warmTime ?? TimeSpan.MaxValue, Is.LessThanOrEqualTo(TimeSpan.FromMilliseconds(mostWarm)));
        Assert.That(coldTime ?? TimeSpan.MaxValue, Is.LessThanOrEqualTo(TimeSpan.FromMilliseconds(mostCold)));
    }

    /// <summary>Nodes that others name but that never answer.</summary>
    private static void Silent(DhtBench bench, int i)
    {
        var node = bench.Scripted(DhtBench.Public(i));
        node.AskToComeIn(DhtBench.Public(0));
        bench.Network.Advance(TimeSpan.FromSeconds(4)); // it answers a ping, comes into tables, and is silent from then on
        node.IsSilent = true;
    }

    /// <summary>A node that claims to be next to the torrent and names others that do not exist.</summary>
    private static void Hostile(DhtBench bench, NodeId target, int i)
    {
        var node = bench.Scripted(DhtBench.Public(i), DhtBench.Near(target, 100));
        for (var j = 0; j < 8; j++)
        {
            node.Nodes.Add(new CompactNode(DhtBench.Near(target, 120), DhtBench.At($"100.{i % 250}.{j}.1")));
        }

        node.AskToComeIn(DhtBench.Public(0));
    }
}
