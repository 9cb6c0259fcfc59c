using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

/// <summary>One node of ours among nodes that do what the test says.</summary>
internal sealed class DhtNodeTests
{
    private static readonly PeerEndPoint Ours = DhtBench.Public(0);
    private static readonly InfoHash Torrent = InfoHash.Compute("a torrent"u8);
    private static readonly PeerEndPoint Peer = DhtBench.At("30.1.2.3", 5000);

    private DhtBench _bench = null!;

    private MemoryNetwork Network => _bench.Network;

    [SetUp]
    public void CreateBench()
    {
        _bench = new DhtBench();
    }

    [TearDown]
    public async Task DisposeBench()
    {
        await _bench.DisposeAsync();
    }

    [Test]
    public void Every_address_of_every_bootstrap_host_is_asked_at_once()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 4).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].IsSilent = true;
        _bench.Hosts["one.example"] = [nodes[0].EndPoint.Address, nodes[1].EndPoint.Address];
        _bench.Hosts["two.example"] = [nodes[2].EndPoint.Address];

        var services = _bench.Start(Ours, "one.example:6881", "two.example:6881", "20.0.4.7:6881");
        Network.Advance(TimeSpan.FromMilliseconds(25));

        Assert.That(nodes.Select(static node => node.CountOf(KrpcMethod.FindNode)), Is.All.EqualTo(1));
        Network.Advance(TimeSpan.FromMilliseconds(25));
        Assert.That(services.NodeCount, Is.EqualTo(3));
    }

    [Test]
    public void With_an_empty_table_a_torrent_is_looked_up_while_the_first_nodes_are()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        node.Peers[NodeId.Of(Torrent)] = [Peer];
        var swarm = new FakeSwarm { InfoHash = Torrent };
        var services = _bench.Create([Ours], null, [node.EndPoint.ToString()], null, out _);
        services.CreateSource(swarm).Start();
        services.Start();

        var time = Network.AdvanceUntil(() => swarm.Peers.Contains(Peer), TimeSpan.FromSeconds(5));

        Assert.That(time, Is.LessThan(TimeSpan.FromMilliseconds(200)));
    }

    [Test]
    public void Nodes_that_the_torrent_names_are_asked_as_well()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        node.Peers[NodeId.Of(Torrent)] = [Peer];
        var swarm = new FakeSwarm { InfoHash = Torrent };
        var services = _bench.Start(Ours);
        services.CreateSource(swarm).Start();
        Network.Advance(TimeSpan.FromSeconds(3));

        services.AddHosts([("20.0.1.7", 6881)]);

        Assert.That(
            Network.AdvanceUntil(() => swarm.Peers.Contains(Peer), TimeSpan.FromSeconds(5)),
            Is.LessThan(TimeSpan.FromMilliseconds(200))
        );
    }

    [Test]
    public void A_node_that_a_peer_tells_of_is_pinged_and_a_waiting_lookup_goes_on_with_it()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        node.Peers[NodeId.Of(Torrent)] = [Peer];
        var swarm = new FakeSwarm { InfoHash = Torrent };
        var services = _bench.Start(Ours);
        services.CreateSource(swarm).Start();
        Network.Advance(TimeSpan.FromSeconds(20));

        services.PeerHasNode(node.EndPoint);

        Assert.That(
            Network.AdvanceUntil(() => swarm.Peers.Contains(Peer), TimeSpan.FromSeconds(5)),
            Is.LessThan(TimeSpan.FromMilliseconds(200))
        );
        Assert.That(services.NodeCount, Is.EqualTo(1));
    }

    [Test]
    public void A_lookup_whose_only_node_has_a_new_id_goes_on_with_it()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        node.Peers[NodeId.Of(Torrent)] = [Peer];
        var services = _bench.Start(Ours, node.EndPoint.ToString());
        Network.Advance(TimeSpan.FromSeconds(1));
        node.Id = DhtBench.RandomId(); // it follows its address (BEP 42)
        var swarm = new FakeSwarm { InfoHash = Torrent };
        services.CreateSource(swarm).Start();

        Assert.That(
            Network.AdvanceUntil(() => swarm.Peers.Contains(Peer), TimeSpan.FromSeconds(5)),
            Is.LessThan(TimeSpan.FromMilliseconds(400))
        );
    }

    [Test]
    public void Of_a_flood_of_PORT_messages_sixteen_a_second_are_pinged()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 100).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        var services = _bench.Start(Ours);

        foreach (var node in nodes)
        {
            services.PeerHasNode(node.EndPoint);
        }

        Network.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(nodes.Count(static node => node.Queries.Count > 0), Is.EqualTo(16));
    }

    [Test]
    public void Peers_are_handed_over_with_the_first_answer_and_not_at_the_end()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 30).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Skip(1).Take(8).Select(static node => node.Compact));
        foreach (var silent in nodes.Skip(2))
        {
            silent.IsSilent = true;
        }

        nodes[1].Peers[NodeId.Of(Torrent)] = [Peer];
        _bench.Start(Ours, nodes[0].EndPoint.ToString());
        var services = _bench.Start(DhtBench.Public(99), nodes[0].EndPoint.ToString());
        Network.Advance(TimeSpan.FromSeconds(2));
        var swarm = new FakeSwarm { InfoHash = Torrent };
        services.CreateSource(swarm).Start();

        Assert.That(
            Network.AdvanceUntil(() => swarm.Peers.Contains(Peer), TimeSpan.FromSeconds(5)),
            Is.LessThan(TimeSpan.FromMilliseconds(600))
        );
    }

    [Test]
    public void What_is_asked_of_us_is_answered_and_what_is_announced_is_told()
    {
        var asker = _bench.Scripted(DhtBench.Public(1));
        var services = _bench.Start(Ours, asker.EndPoint.ToString());
        Network.Advance(TimeSpan.FromSeconds(1));
        var hash = NodeId.Of(Torrent);

        asker.Ask(Ours, KrpcMethod.GetPeers, hash);
        Network.Advance(TimeSpan.FromMilliseconds(50));
        var token = DhtBench.Read(asker.Answers[^1]).Token.ToArray();
        asker.Ask(Ours, KrpcMethod.AnnouncePeer, hash, token, 4711);
        Network.Advance(TimeSpan.FromMilliseconds(50));
        asker.Ask(Ours, KrpcMethod.GetPeers, hash);
        Network.Advance(TimeSpan.FromMilliseconds(50));

        List<PeerEndPoint> peers = [];
        DhtBench.Read(asker.Answers[^1]).ReadValues(peers);
        Assert.That(peers, Is.EqualTo(new[] { new PeerEndPoint(asker.EndPoint.Address, 4711) }));
        Assert.That(DhtBench.Read(asker.Answers[^1]).SeenAs, Is.EqualTo(asker.EndPoint));
        Assert.That(services.Nodes[0].StoredPeers, Is.EqualTo(1));
    }

    [Test]
    public void A_token_of_another_address_announces_nothing()
    {
        var asker = _bench.Scripted(DhtBench.Public(1));
        var thief = _bench.Scripted(DhtBench.Public(2));
        var services = _bench.Start(Ours);
        var hash = NodeId.Of(Torrent);
        asker.Ask(Ours, KrpcMethod.GetPeers, hash);
        Network.Advance(TimeSpan.FromMilliseconds(50));
        var token = DhtBench.Read(asker.Answers[^1]).Token.ToArray();

        thief.Ask(Ours, KrpcMethod.AnnouncePeer, hash, token, 4711);
        thief.Ask(Ours, KrpcMethod.AnnouncePeer, hash, [1, 2, 3], 4711);
        asker.Ask(Ours, KrpcMethod.AnnouncePeer, DhtBench.RandomId(), token, 4711);
        Network.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(services.Nodes[0].StoredPeers, Is.Zero);
        Assert.That(services.Counters.WrongToken, Is.EqualTo(3));

        Network.Advance(TimeSpan.FromMinutes(11));
        asker.Ask(Ours, KrpcMethod.AnnouncePeer, hash, token, 4711); // replayed
        Network.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(services.Nodes[0].StoredPeers, Is.Zero);
        Assert.That(services.Counters.WrongToken, Is.EqualTo(4));
    }

    [TestCase(KrpcMethod.Ping)]
    [TestCase(KrpcMethod.FindNode)]
    [TestCase(KrpcMethod.GetPeers)]
    [TestCase(KrpcMethod.AnnouncePeer)]
    public void Who_has_not_proved_the_address_gets_at_most_a_fifth_more_than_was_sent(KrpcMethod method)
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 20).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Skip(1).Take(16).Select(static node => node.Compact));
        var services = _bench.Start(Ours, nodes[0].EndPoint.ToString());
        Network.Advance(TimeSpan.FromSeconds(5));
        Assert.That(services.NodeCount, Is.GreaterThan(10));
        var asker = _bench.Scripted(DhtBench.At("50.1.2.3"));

        var question = asker.Ask(Ours, method, NodeId.Of(Torrent), [1, 2, 3, 4], 5);
        Network.Advance(TimeSpan.FromSeconds(1));

        Assert.That(asker.Queries, Is.Empty, "a ping at once would be on top of that");
        Assert.That(asker.Answers.Sum(static answer => answer.Length), Is.InRange(1, question * 12 / 10));

        asker.Queries.Clear();
        asker.AskToComeIn(Ours);
        Network.Advance(TimeSpan.FromSeconds(1)); // it is pinged if the table has a place for it, and answers
        asker.Ask(Ours, KrpcMethod.FindNode, NodeId.Of(Torrent));
        Network.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(DhtBench.Read(asker.Answers[^1]).Nodes.Length / CompactNode.LengthIPv4, Is.EqualTo(asker.Queries.Count > 0 ? 8 : 1));
    }

    [TestCase(KrpcMethod.FindNode, 2)]
    [TestCase(KrpcMethod.GetPeers, 2)]
    [TestCase(KrpcMethod.Ping, 6)] // answers are hardly shorter
    public void A_node_that_asks_again_is_pinged_at_once_and_comes_into_the_table(KrpcMethod method, int questions)
    {
        var asker = _bench.Scripted(DhtBench.Public(1));
        var services = _bench.Start(Ours);

        for (var i = 1; i < questions; i++)
        {
            asker.Ask(Ours, method, DhtBench.RandomId());
            Network.Advance(TimeSpan.FromMinutes(14));
            Assert.That(asker.Queries, Is.Empty);
        }

        asker.Ask(Ours, method, DhtBench.RandomId());

        Assert.That(
            Network.AdvanceUntil(() => services.NodeCount == 1, TimeSpan.FromSeconds(10)),
            Is.LessThan(TimeSpan.FromMilliseconds(200))
        );
        Assert.That(asker.Answers, Has.Count.EqualTo(questions));
        Assert.That(asker.BytesReceived, Is.LessThanOrEqualTo(asker.BytesSent * 12 / 10));
    }

    [Test]
    public void No_forged_address_gets_more_than_a_fifth_more_than_it_sent()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1000, 20).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Skip(1).Take(16).Select(static node => node.Compact));
        var services = _bench.Start(Ours, nodes[0].EndPoint.ToString());
        Network.Advance(TimeSpan.FromSeconds(5));
        ScriptedNode[] forged = [.. Enumerable.Range(1, 300).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        var random = new Random(1);
        foreach (var source in forged)
        {
            source.IsSilent = true;
        }

        for (var i = 0; i < 20; i++)
        {
            foreach (var source in forged)
            {
                AskAnything(source, random);
                Network.Advance(TimeSpan.FromMilliseconds(random.Next(200)));
            }
        }

        Network.Advance(TimeSpan.FromSeconds(30));
        Assert.That(forged.Sum(static source => source.Answers.Count), Is.GreaterThan(1000));
        Assert.That(forged.Sum(static source => source.Queries.Count), Is.GreaterThan(100));
        Assert.That(forged.Max(static source => (double)source.BytesReceived / source.BytesSent), Is.InRange(1, 1.2));
        Assert.That(services.Counters.Malformed, Is.GreaterThan(100));
    }

    private static void AskAnything(ScriptedNode source, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                source.Send("d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe"u8, Ours);
                break;
            case 1:
                source.Send("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1qe"u8, Ours);
                break;
            case 2:
                source.Send("d1:rd2:id20:mnopqrstuvwxyz123456e1:t4:aaaa1:y1:re"u8, Ours);
                break;
            case 3:
                source.Ask(Ours, KrpcMethod.AnnouncePeer, NodeId.Of(Torrent), [1, 2, 3, 4, 5, 6, 7, 8], 4711);
                break;
            case 4:
                source.Ask(Ours, KrpcMethod.GetPeers, NodeId.Of(Torrent));
                break;
            case 5:
                source.Ask(Ours, KrpcMethod.FindNode, source.Id);
                break;
            default:
                source.Ask(Ours, KrpcMethod.Ping);
                break;
        }
    }

    [Test]
    public void A_read_only_node_is_in_no_table()
    {
        var asker = _bench.Scripted(DhtBench.Public(1));
        var services = _bench.Start(Ours);

        asker.Ask(Ours, KrpcMethod.FindNode, DhtBench.RandomId(), isReadOnly: true);
        Network.Advance(TimeSpan.FromSeconds(10));

        Assert.That(asker.Answers, Has.Count.EqualTo(1));
        Assert.That(asker.Queries, Is.Empty);
        Assert.That(services.NodeCount, Is.Zero);
    }

    [Test]
    public void An_answer_that_was_not_asked_for_or_with_another_id_changes_nothing()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        var liar = _bench.Scripted(DhtBench.Public(2));
        node.Nodes.Add(liar.Compact);
        liar.ChangesId = true;
        liar.Peers[NodeId.Of(Torrent)] = [Peer];
        var swarm = new FakeSwarm { InfoHash = Torrent };
        var services = _bench.Start(Ours, node.EndPoint.ToString());
        services.CreateSource(swarm).Start();
        liar.Send("d1:rd2:id20:mnopqrstuvwxyz123456e1:t4:aaaa1:y1:re"u8, Ours);

        Network.Advance(TimeSpan.FromSeconds(3));

        Assert.That(liar.CountOf(KrpcMethod.GetPeers), Is.GreaterThan(0));
        Assert.That(services.Counters.WrongId, Is.GreaterThan(0));
        Assert.That(services.Counters.Unasked, Is.EqualTo(1));
        Assert.That(swarm.Peers, Is.Empty);
        Assert.That(services.NodeCount, Is.EqualTo(1));
    }

    [Test]
    public void Nodes_of_private_networks_that_a_public_node_names_are_not_asked()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        ScriptedNode[] inside = [_bench.Scripted(DhtBench.At("127.0.0.1")), _bench.Scripted(DhtBench.At("192.168.1.1"))];
        node.Nodes.AddRange(inside.Select(static other => other.Compact));
        _bench.Start(Ours, node.EndPoint.ToString());

        Network.Advance(TimeSpan.FromMinutes(2));

        Assert.That(inside.SelectMany(static other => other.Queries), Is.Empty);
    }

    [Test]
    public void The_id_follows_the_address_that_most_nodes_see()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 20).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Skip(1).Take(16).Select(static node => node.Compact));
        var services = _bench.Start(Ours, nodes[0].EndPoint.ToString());
        Network.Advance(TimeSpan.FromSeconds(10));
        var before = services.Nodes[0].Status;

        Assert.That(SecureNodeId.IsValid(before.Self, Ours), Is.True);
        Assert.That(before.Good, Is.GreaterThan(10));

        var moved = DhtBench.At("60.1.1.1");
        foreach (var node in nodes)
        {
            node.SeesAs = moved;
        }

        Network.Advance(TimeSpan.FromMinutes(40));

        Assert.That(SecureNodeId.IsValid(services.Nodes[0].Status.Self, moved), Is.True);
        Assert.That(services.Nodes[0].Status.Good, Is.GreaterThan(10), "the table is kept");
        Assert.That(_bench.Log.Count(1344), Is.EqualTo(2));
    }

    [Test]
    public void An_unreachable_node_says_so_after_a_while()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 6).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Select(static node => node.Compact));
        var services = _bench.Start(Ours, nodes[0].EndPoint.ToString());
        Network.Advance(TimeSpan.FromMinutes(14));
        Assert.That(nodes.SelectMany(static node => node.Queries).Any(static query => query.IsReadOnly), Is.False);

        Network.Advance(TimeSpan.FromMinutes(30));
        Assert.That(services.Nodes[0].IsReadOnly, Is.True);
        Assert.That(nodes.Select(static node => node.Queries[^1].IsReadOnly), Is.All.True);
        Assert.That(_bench.Log.Count(1343), Is.EqualTo(1));

        for (var i = 0; i < 2; i++)
        {
            _bench.Scripted(DhtBench.At($"50.1.{i}.3")).Ask(Ours, KrpcMethod.Ping);
        }

        Network.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(services.Nodes[0].IsReadOnly, Is.False);
    }

    [Test]
    public void The_log_says_when_it_works_and_when_no_node_answers()
    {
        var node = _bench.Scripted(DhtBench.Public(1));
        node.IsSilent = true;
        _bench.Start(Ours, node.EndPoint.ToString());
        Assert.That(_bench.Log.Count(1340), Is.EqualTo(1));

        Network.Advance(TimeSpan.FromSeconds(31));
        Assert.That((_bench.Log.Count(1341), _bench.Log.Count(1342)), Is.EqualTo((0, 1)));

        node.IsSilent = false;
        Network.Advance(TimeSpan.FromMinutes(2));
        Assert.That((_bench.Log.Count(1341), _bench.Log.Count(1342)), Is.EqualTo((1, 1)));
    }

    [Test]
    public void Both_families_are_searched_and_name_nodes_of_each_other()
    {
        var ours6 = DhtBench.At("2a01:1::1");
        var node = _bench.Scripted(DhtBench.Public(1));
        var node6 = _bench.Scripted(DhtBench.At("2a01:2::1"));
        var peer6 = DhtBench.At("2a01:3::1", 5000);
        node.Peers[NodeId.Of(Torrent)] = [Peer];
        node6.Peers[NodeId.Of(Torrent)] = [peer6];
        var swarm = new FakeSwarm { InfoHash = Torrent };
        var services = _bench.Start([Ours, ours6], null, [node.EndPoint.ToString(), node6.EndPoint.ToString()]);
        services.CreateSource(swarm).Start();

        Network.Advance(TimeSpan.FromSeconds(2));

        Assert.That(swarm.Peers, Is.EquivalentTo(new[] { Peer, peer6 }));
        Assert.That(services.NodeCount, Is.EqualTo(2));
        Assert.That((AnnouncedTo(node), AnnouncedTo(node6)), Is.EqualTo((swarm.Ports.IPv4, swarm.Ports.IPv6)));

        static int AnnouncedTo(ScriptedNode node) => node.Queries.Single(static query => query.Method == KrpcMethod.AnnouncePeer).Port;
    }

    [Test]
    public async Task After_a_restart_the_saved_table_is_warm_within_two_seconds()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "dht");
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 40).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Skip(1).Take(16).Select(static node => node.Compact));
        nodes[1].Nodes.AddRange(nodes.Skip(17).Take(16).Select(static node => node.Compact));
        var first = _bench.Create([Ours], path, [nodes[0].EndPoint.ToString()], null, out var port);
        first.Start();
        Network.Advance(TimeSpan.FromSeconds(20));
        var (self, _, good) = first.Nodes[0].Status;
        await first.DisposeAsync();
        Network.Close(port);

        var second = _bench.Start([Ours], path, []);
        Network.Advance(TimeSpan.FromSeconds(2));

        Assert.That(good, Is.GreaterThanOrEqualTo(8), "nodes have random ids, and far ones share few buckets");
        Assert.That(second.Nodes[0].Status.Self, Is.EqualTo(self));
        Assert.That(second.Nodes[0].Status.Good, Is.GreaterThanOrEqualTo(good));
    }

    [TestCase("")]
    [TestCase("d4:ipv4d2:id20:abc")]
    [TestCase("not bencoded")]
    public async Task A_torn_file_starts_anew_with_a_line_in_the_log(string content)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "dht");
        await File.WriteAllTextAsync(path, content);

        var services = _bench.Start([Ours], path, []);

        Assert.That(services.NodeCount, Is.Zero);
        Assert.That(_bench.Log.Count(1345), Is.EqualTo(1));
        await services.DisposeAsync();
        Assert.That(SavedDht.Read(await File.ReadAllBytesAsync(path)).IPv4, Is.Not.Null);
    }

    [Test]
    public void A_flood_changes_nothing_but_counters()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 10).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Select(static node => node.Compact));
        var services = _bench.Create([Ours], null, [nodes[0].EndPoint.ToString()], null, out var port);
        services.Start();
        Network.Advance(TimeSpan.FromSeconds(5));
        var (self, count, good) = services.Nodes[0].Status;
        Flood(port, 20_000, 1); // everything is compiled and pooled
        var sentBefore = port.BytesSent;
        var memoryBefore = GC.GetTotalMemory(forceFullCollection: true);

        Flood(port, 100_000, 2); // 10 s

        var memory = GC.GetTotalMemory(forceFullCollection: true) - memoryBefore;
        Assert.That(services.Nodes[0].Status, Is.EqualTo((self, count, good)));
        Assert.That(services.Nodes[0].StoredPeers, Is.Zero);
        Assert.That(port.BytesSent - sentBefore, Is.LessThan(10 * AnswerBudget.Rate * 12 / 10));
        Assert.That(memory, Is.LessThan(1024 * 1024));
        Assert.That(services.Counters.Malformed, Is.GreaterThan(1000));
        Assert.That(services.Counters.OverBudget, Is.GreaterThan(1000));
        Assert.That(services.Counters.Unasked, Is.GreaterThan(1000));

        var asker = _bench.Scripted(DhtBench.At("50.1.2.3"));
        asker.Ask(Ours, KrpcMethod.Ping);
        Network.Advance(TimeSpan.FromSeconds(2));
        Assert.That(asker.Answers, Is.Not.Empty, "it goes on answering");
    }

    [Test]
    public void A_refused_datagram_costs_no_memory()
    {
        ScriptedNode[] nodes = [.. Enumerable.Range(1, 10).Select(i => _bench.Scripted(DhtBench.Public(i)))];
        nodes[0].Nodes.AddRange(nodes.Select(static node => node.Compact));
        var services = _bench.Create([Ours], null, [nodes[0].EndPoint.ToString()], null, out var port);
        services.Start();
        Network.Advance(TimeSpan.FromSeconds(5));
        Flood(port, 20_000, 1); // the bandwidth for answers is used up, everything is compiled
        var datagrams = Noise(20_000, 2).Concat(Noise(20_000, 2)).ToList(); // the second half of who is blocked by then
        datagrams.AddRange(Enumerable.Repeat(datagrams[0], 1000));
        var sent = port.BytesSent;
        var blocked = services.Counters.Blocked;

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var (datagram, from) in datagrams)
        {
            port.Receive(datagram, from);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(port.BytesSent, Is.EqualTo(sent));
        Assert.That(services.Counters.Blocked - blocked, Is.GreaterThan(500));
        Assert.That(
            allocated,
            Is.LessThan(datagrams.Count / 2),
            "bytes: up to 32 nodes that may come into the table, and nothing for the others"
        );
    }

    /// <summary>10,000 datagrams a second.</summary>
    private void Flood(MemoryPort port, int count, int seed)
    {
        var i = 0;
        foreach (var (datagram, from) in Noise(count, seed))
        {
            port.Receive(datagram, from);
            if (i++ % 50 == 0)
            {
                Network.Advance(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    /// <summary>Datagrams from forged addresses: queries, answers, announces with made-up tokens, noise.</summary>
    private static IEnumerable<(byte[] Datagram, PeerEndPoint From)> Noise(int count, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[20];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            var from = new PeerEndPoint(
                new System.Net.IPAddress([(byte)random.Next(70, 100), bytes[0], bytes[1], bytes[2]]),
                random.Next(1, 65536)
            );
            var id = (byte[])[.. "20:"u8, .. bytes];
            var datagram = (i % 6) switch
            {
                0 => (byte[])[.. "d1:ad2:id"u8, .. id, .. "e1:q4:ping1:t2:aa1:y1:qe"u8],
                1 => [.. "d1:ad2:id"u8, .. id, .. "9:info_hash"u8, .. id, .. "e1:q9:get_peers1:t2:aa1:y1:qe"u8],
                2 =>
                [
                    .. "d1:ad2:id"u8,
                    .. id,
                    .. "9:info_hash"u8,
                    .. id,
                    .. "4:porti1e5:token8:"u8,
                    .. bytes[..8],
                    .. "e1:q13:announce_peer1:t2:aa1:y1:qe"u8,
                ],
                3 => [.. "d1:rd2:id"u8, .. id, .. "e1:t4:"u8, .. bytes[..4], .. "1:y1:re"u8],
                4 => [.. "d1:ad2:id"u8, .. bytes, .. "e"u8],
                _ => [.. bytes],
            };
            yield return (datagram, from);
        }
    }
}
