using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

internal sealed class LookupTests
{
    private static readonly NodeId Target = DhtBench.RandomId();

    private readonly Lookup _lookup = new(Target);

    [Test]
    public void Five_are_asked_at_once_nearest_first()
    {
        var lookup = With(20);

        var asked = AskAll(lookup);

        Assert.That(asked.Select(static node => node.EndPoint.Port), Is.EqualTo(new[] { 20, 19, 18, 17, 16 }));
    }

    [Test]
    public void A_late_node_no_longer_counts_as_asked_and_its_answer_still_does()
    {
        var lookup = With(20);
        var late = AskAll(lookup)[0];

        lookup.Late(late);
        Assert.That(AskAll(lookup), Has.Count.EqualTo(1));
        lookup.Answered(late, "token"u8);

        Assert.That(AskAll(lookup), Is.Empty);
        Assert.That(lookup.FindNearestWithToken(), Is.EqualTo(new[] { late }));
    }

    [Test]
    public void It_is_done_when_the_eight_nearest_have_answered()
    {
        var lookup = With(20);
        var answered = 0;
        while (!lookup.IsDone)
        {
            foreach (var node in AskAll(lookup))
            {
                answered++;
                lookup.Answered(node, "token"u8);
            }
        }

        Assert.That(answered, Is.EqualTo(8));
        Assert.That(lookup.FindNearestWithToken().Select(static node => node.EndPoint.Port), Is.EqualTo(Enumerable.Range(13, 8).Reverse()));
    }

    [Test]
    public void Those_that_fail_are_replaced_by_the_next_ones()
    {
        var lookup = With(20);
        var asked = 0;
        while (!lookup.IsDone)
        {
            foreach (var node in AskAll(lookup))
            {
                if (asked++ % 2 == 0)
                {
                    lookup.Failed(node);
                }
                else
                {
                    lookup.Answered(node, []);
                }
            }
        }

        Assert.That(lookup.Answers, Is.EqualTo(8));
    }

    [Test]
    public void It_waits_for_a_late_node_that_is_among_the_nearest()
    {
        var lookup = With(8);
        var nodes = AskAll(lookup);
        lookup.Late(nodes[0]);
        nodes.AddRange(AskAll(lookup));
        foreach (var node in nodes.Skip(1))
        {
            lookup.Answered(node, []);
            nodes = [.. nodes, .. AskAll(lookup)];
        }

        foreach (var node in nodes.Where(static node => node.State == LookupNodeState.Asked).ToList())
        {
            lookup.Answered(node, []);
        }

        Assert.That(lookup.IsDone, Is.False);
        lookup.Failed(nodes[0]);
        Assert.That(lookup.IsDone, Is.True);
    }

    [Test]
    public void Hosts_without_an_id_are_all_asked_at_once()
    {
        var lookup = new Lookup(Target);
        for (var i = 1; i <= 9; i++)
        {
            lookup.AddHost(DhtBench.At("127.0.0.1", i));
        }

        Assert.That(AskAll(lookup), Has.Count.EqualTo(9));
        Assert.That(lookup.IsDone, Is.False);
    }

    [Test]
    public void Of_a_public_address_one_node_is_asked()
    {
        var lookup = new Lookup(Target);
        for (var i = 1; i <= 5; i++)
        {
            lookup.Add(new CompactNode(DhtBench.Near(Target, i), DhtBench.At("20.0.0.1", i)));
        }

        Assert.That(AskAll(lookup), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_lookup_among_made_up_nodes_ends()
    {
        var lookup = With(8);
        var asked = 0;
        while (!lookup.IsDone && asked < 10_000)
        {
            foreach (var node in AskAll(lookup))
            {
                asked++;
                lookup.Answered(node, []);
                for (var i = 0; i < 8; i++)
                {
                    lookup.Add(
                        new CompactNode(DhtBench.Near(Target, Math.Min(150, 30 + asked)), DhtBench.At("127.0.0.1", 100 + (asked * 8) + i))
                    );
                }
            }
        }

        Assert.That(lookup.IsDone, Is.True);
        Assert.That(asked, Is.LessThanOrEqualTo(170));
    }

    [Test]
    public void Without_a_node_to_ask_it_is_done()
    {
        Assert.That(_lookup.IsDone, Is.True);
        Assert.That(_lookup.Next(), Is.Null);
    }

    private static Lookup With(int count)
    {
        var lookup = new Lookup(Target);
        for (var i = 1; i <= count; i++)
        {
            lookup.Add(new CompactNode(DhtBench.Near(Target, i), DhtBench.At("127.0.0.1", i))); // a higher port is nearer
        }

        return lookup;
    }

    private static List<LookupNode> AskAll(Lookup lookup)
    {
        List<LookupNode> asked = [];
        while (lookup.Next() is { } node)
        {
            asked.Add(node);
        }

        return asked;
    }
}
