using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

internal sealed class RoutingTableTests
{
    private static readonly NodeId Self = DhtBench.RandomId();
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(1);

    [Test]
    public void A_bucket_has_eight_nodes_and_spare_ones_replace_those_that_fail()
    {
        var table = new RoutingTable(Self);
        for (var i = 0; i < 30; i++)
        {
            table.Answered(DhtBench.Near(Self, 0), Private(i), Now);
        }

        Assert.That(table.Count, Is.EqualTo(8));
        var first = table.Nodes.First().EndPoint;
        table.Failed(first);

        Assert.That(table.Count, Is.EqualTo(8));
        Assert.That(table.Nodes.Select(static node => node.EndPoint), Does.Not.Contain(first).And.Contain(Private(29)));
    }

    [Test]
    public void A_node_without_a_spare_one_may_fail_twice()
    {
        var table = new RoutingTable(Self);
        table.Answered(DhtBench.Near(Self, 3), Private(1), Now);

        table.Failed(Private(1));
        table.Failed(Private(1));
        Assert.That((table.Count, table.GoodCount), Is.EqualTo((1, 0)));
        table.Failed(Private(1));

        Assert.That(table.Count, Is.Zero);
    }

    [Test]
    public void A_saved_node_that_does_not_answer_is_gone()
    {
        var table = new RoutingTable(Self);
        table.AddSaved(new CompactNode(DhtBench.Near(Self, 3), Private(1)));
        Assert.That((table.Count, table.GoodCount), Is.EqualTo((1, 0)));

        table.Failed(Private(1));

        Assert.That(table.Count, Is.Zero);
    }

    [Test]
    public void A_public_address_has_one_node_and_a_network_four()
    {
        var table = new RoutingTable(Self);
        for (var i = 0; i < 6; i++)
        {
            table.Answered(DhtBench.Near(Self, i), DhtBench.At("20.0.0.1", 7000 + i), Now);
            table.Answered(DhtBench.Near(Self, 10 + i), DhtBench.At($"30.0.0.{i + 1}"), Now);
            table.Answered(DhtBench.Near(Self, 20 + i), DhtBench.At($"2a01:1:2:3::{i + 1}"), Now);
        }

        Assert.That(
            table.Nodes.Count(static node => node.EndPoint.Address.ToString().StartsWith("20.", StringComparison.Ordinal)),
            Is.EqualTo(1)
        );
        Assert.That(
            table.Nodes.Count(static node => node.EndPoint.Address.ToString().StartsWith("30.", StringComparison.Ordinal)),
            Is.EqualTo(4)
        );
        Assert.That(table.Nodes.Count(static node => node.EndPoint.IsIPv6), Is.EqualTo(1));

        foreach (var node in table.Nodes.ToList())
        {
            Enumerable.Range(0, 3).ToList().ForEach(_ => table.Failed(node.EndPoint));
        }

        Assert.That(table.Count, Is.Zero);
        Assert.That(table.Answered(DhtBench.Near(Self, 1), DhtBench.At("20.0.0.1"), Now), Is.True, "places are free again");
    }

    [Test]
    public void On_loopback_one_address_may_have_many_nodes()
    {
        var table = new RoutingTable(Self);
        for (var i = 0; i < 20; i++)
        {
            table.Answered(DhtBench.Near(Self, i), DhtBench.At("127.0.0.1", 7000 + i), Now);
        }

        Assert.That(table.Count, Is.EqualTo(20));
    }

    [Test]
    public void A_node_whose_id_follows_from_its_address_replaces_one_whose_does_not()
    {
        var table = new RoutingTable(new NodeId(new byte[NodeId.Length]));
        List<PeerEndPoint> insecure = [];
        for (var i = 0; insecure.Count < 8; i++)
        {
            var id = DhtBench.Near(table.Self, 0);
            if (!SecureNodeId.IsValid(id, DhtBench.Public(i)) && table.Answered(id, DhtBench.Public(i), Now))
            {
                insecure.Add(DhtBench.Public(i));
            }
        }

        for (var i = 1000; table.Nodes.Count(static node => node.IsSecure) < 8 && i < 2000; i++)
        {
            var id = SecureNodeId.Make(DhtBench.Public(i), BitConverter.GetBytes(i).Concat(new byte[16]).ToArray());
            if (table.Self.SharedBits(id) == 0)
            {
                table.Answered(id, DhtBench.Public(i), Now);
            }
        }

        Assert.That(table.Nodes.Where(static node => !node.IsSecure), Is.Empty);
        Assert.That(table.Count, Is.EqualTo(8));
    }

    [Test]
    public void An_id_that_another_node_has_is_not_taken()
    {
        var table = new RoutingTable(Self);
        var id = DhtBench.Near(Self, 2);
        table.Answered(id, Private(1), Now);

        table.Answered(id, Private(2), Now);
        table.Answered(Self, Private(3), Now);

        Assert.That(table.Nodes.Select(static node => node.EndPoint), Is.EqualTo(new[] { Private(1) }));
    }

    [Test]
    public void A_node_with_another_id_than_before_is_another_node()
    {
        var table = new RoutingTable(Self);
        table.Answered(DhtBench.Near(Self, 2), Private(1), Now);
        var other = DhtBench.Near(Self, 5);

        table.Answered(other, Private(1), Now);

        Assert.That(table.Nodes.Select(static node => node.Id), Is.EqualTo(new[] { other }));
    }

    [Test]
    public void The_nearest_nodes_are_found([Values(0, 1, 8, 16)] int most)
    {
        var table = new RoutingTable(Self);
        for (var i = 0; i < 100; i++)
        {
            table.Answered(DhtBench.Near(Self, i % 20), Private(i), Now);
        }

        var target = DhtBench.RandomId();
        List<CompactNode> nearest = [];
        table.FindNearest(target, most, onlyGood: true, nearest);

        var expected = table.Nodes.Select(static node => node.Compact).ToList();
        expected.Sort((a, b) => NodeId.CompareDistance(a.Id, b.Id, target));
        Assert.That(nearest, Is.EqualTo(expected.Take(most)));
    }

    [Test]
    public void Others_are_told_only_nodes_that_answer()
    {
        var table = new RoutingTable(Self);
        table.AddSaved(new CompactNode(DhtBench.Near(Self, 2), Private(1)));
        table.Answered(DhtBench.Near(Self, 2), Private(2), Now);
        table.Answered(DhtBench.Near(Self, 2), Private(3), Now);
        table.Failed(Private(3));
        List<CompactNode> all = [];
        List<CompactNode> good = [];

        table.FindNearest(Self, 8, onlyGood: false, all);
        table.FindNearest(Self, 8, onlyGood: true, good);

        Assert.That(all, Has.Count.EqualTo(3));
        Assert.That(good.Select(static node => node.EndPoint), Is.EqualTo(new[] { Private(2) }));
    }

    [Test]
    public void With_another_id_of_ours_all_nodes_keep_a_place()
    {
        var table = new RoutingTable(Self);
        for (var i = 0; i < 8; i++)
        {
            table.Answered(DhtBench.Near(Self, i), DhtBench.Public(i), Now);
        }

        var other = DhtBench.RandomId();
        table.ChangeSelf(other, Now);

        Assert.That(table.Self, Is.EqualTo(other));
        Assert.That(table.GoodCount, Is.EqualTo(8));
    }

    [Test]
    public void A_bucket_is_refreshed_once_in_its_time()
    {
        var table = new RoutingTable(Self);
        table.Answered(DhtBench.Near(Self, 1), Private(1), Now);
        var later = Now + TimeSpan.FromMinutes(20);

        Assert.That(table.TakeBucketToRefresh(Now - TimeSpan.FromMinutes(15), false, Now), Is.EqualTo(0));
        Assert.That(table.TakeBucketToRefresh(Now - TimeSpan.FromMinutes(15), false, Now), Is.Null);
        Assert.That(table.TakeBucketToRefresh(later - TimeSpan.FromMinutes(15), false, later), Is.EqualTo(0));
        Assert.That(table.TakeBucketToRefresh(later - TimeSpan.FromMinutes(15), false, later), Is.EqualTo(1));
        Assert.That(table.TakeBucketToRefresh(later - TimeSpan.FromMinutes(15), false, later), Is.Null);
    }

    private static PeerEndPoint Private(int i)
    {
        return DhtBench.At($"10.0.{i / 250}.{(i % 250) + 1}");
    }
}
