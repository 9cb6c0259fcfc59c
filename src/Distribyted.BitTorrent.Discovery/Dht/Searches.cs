using System.Diagnostics;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The searches of a node that are under way, for torrents and for its table: whom they ask, and what they are answered.</summary>
/// <param name="nodeLock">The lock of the node; every member is called inside it.</param>
/// <param name="isIPv6">The address family.</param>
/// <param name="guard">Checks addresses that nodes name.</param>
/// <param name="table">Where a search begins.</param>
/// <param name="peers">Peers that others have announced to us.</param>
/// <param name="queries">Sends the questions.</param>
/// <param name="checks">Takes the nodes that others name.</param>
/// <param name="due">Takes the times of announces and ends.</param>
internal sealed class Searches(
    Lock nodeLock,
    bool isIPv6,
    AddressGuard guard,
    RoutingTable table,
    PeerStore peers,
    NodeQueries queries,
    TableChecks checks,
    DueQueue due
)
{
    private const int MaxNodesPerAnswer = 16; // 8 are usual
    private static readonly TimeSpan ParkedFor = TimeSpan.FromMinutes(1);

    private readonly List<Search> _searches = [];

    /// <summary>Begins a search with the nearest nodes of the table.</summary>
    public void Begin(Search search, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _searches.Add(search);
        List<CompactNode> nearest = [];
        table.FindNearest(search.Lookup.Target, 2 * Lookup.Wanted, onlyGood: false, nearest);
        foreach (var node in nearest)
        {
            search.Lookup.Add(node);
        }

        if (search.Found is { } found)
        {
            FindStored(search, found, work, now);
        }

        Pump(search, work, now);
    }

    /// <summary>Asks bootstrap hosts for what no node has answered yet, and for nodes.</summary>
    public void AddHosts(IReadOnlyList<PeerEndPoint> hosts, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        foreach (
            var search in _searches.Where(static search => search.Lookup.Answers == 0 || search.Method == KrpcMethod.FindNode).ToList()
        )
        {
            foreach (var host in hosts.Where(host => host.IsIPv6 == isIPv6))
            {
                search.Lookup.AddHost(host);
            }

            Pump(search, work, now);
        }
    }

    /// <summary>A node has come into the table: searches that had no node to ask go on with it.</summary>
    public void Resume(CompactNode node, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        foreach (var search in _searches.Where(static search => search.Lookup.Answers == 0).ToList())
        {
            search.Lookup.AddAwake(node);
            Pump(search, work, now);
        }
    }

    /// <summary>A node of the other address family has named nodes of ours (BEP 32).</summary>
    /// <param name="target">What it was asked for.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="by">Who named them.</param>
    /// <param name="work">Sends the questions.</param>
    /// <param name="now">The time.</param>
    public void Named(NodeId target, List<CompactNode> nodes, PeerEndPoint by, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_searches.Find(search => search.Lookup.Target == target) is { } search)
        {
            AddNamed(search, nodes, by, now);
            Pump(search, work, now);
        }
        else
        {
            AddNamed(null, nodes, by, now);
        }
    }

    /// <summary>A node has answered the question of a search.</summary>
    public void Answered(Search search, LookupNode node, in KrpcMessage message, PeerEndPoint from, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        search.Lookup.Answered(node, message.Token);
        List<CompactNode> nodes = [];
        CompactNode.ReadAll(isIPv6 ? message.Nodes6 : message.Nodes, isIPv6, MaxNodesPerAnswer, nodes);
        AddNamed(search, nodes, from, now);
        if (search is { Found: { } found, IsCancelled: false })
        {
            List<PeerEndPoint> values = [];
            message.ReadValues(values);
            if (values.Count > 0 && search.New(values) is { Count: > 0 } fresh)
            {
                work.Call(() => found(fresh, from));
            }
        }

        Pump(search, work, now);
    }

    /// <summary>The nodes of the other address family in an answer (BEP 32).</summary>
    public List<CompactNode> ReadOthers(in KrpcMessage message)
    {
        List<CompactNode> others = [];
        CompactNode.ReadAll(isIPv6 ? message.Nodes : message.Nodes6, !isIPv6, MaxNodesPerAnswer, others);
        return others;
    }

    /// <summary>The answer to a query is late: if it is of a search, another node is asked meanwhile.</summary>
    public void Late(PendingQuery query, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (query is { Search: { } search, Node: { } node })
        {
            search.Lookup.Late(node);
            Pump(search, work, now);
        }
    }

    /// <summary>A query was not answered, or not rightly: if it is of a search, that goes on without the node.</summary>
    public void Failed(PendingQuery query, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (query is { Search: { } search, Node: { } node })
        {
            search.Lookup.Failed(node);
            Pump(search, work, now);
        }
    }

    /// <summary>Tells the nearest nodes of a search that has ended our port.</summary>
    public void Announce(Search search, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (search.IsCancelled)
        {
            return;
        }

        foreach (var node in search.Lookup.FindNearestWithToken())
        {
            queries.Announce(search, node, work, now);
        }
    }

    /// <summary>Ends a search for which no node was found in time.</summary>
    public void EndParked(Search search, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (search is { HasEnded: false, Lookup: { Answers: 0, IsDone: true } })
        {
            End(search, work, now);
        }
    }

    /// <summary>Ends a search: it hands over nothing any more.</summary>
    public void Cancel(Search search)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        search.IsCancelled = true;
        search.HasEnded = true;
        _searches.Remove(search);
    }

    public void Clear()
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _searches.Clear();
    }

    /// <summary>Asks whom the search wants to ask, and ends it when it is done.</summary>
    private void Pump(Search search, NodeWork work, TimeSpan now)
    {
        if (search.HasEnded)
        {
            return;
        }

        while (search.Lookup.Next() is { } node)
        {
            queries.Ask(search, node, work, now);
        }

        if (!search.Lookup.IsDone)
        {
            return;
        }

        if (search.Lookup.Answers == 0 && now - search.StartedAt < ParkedFor)
        {
            due.Add(new Due(DueKind.Parked) { Search = search }, search.StartedAt + ParkedFor); // goes on with the first node that is found
            return;
        }

        End(search, work, now);
        if (search.AnnouncePort > 0)
        {
            due.Add(new Due(DueKind.Announce) { Search = search }, search.AnnounceAt);
        }
    }

    private void End(Search search, NodeWork work, TimeSpan now)
    {
        search.HasEnded = true;
        _searches.Remove(search);
        if (search.Ended is { } ended)
        {
            work.Call(() => ended(search.Lookup.Answers));
        }

        search.Completed?.Invoke(search, work, now);
    }

    /// <summary>In a small network we may be the node that knows.</summary>
    private void FindStored(Search search, Action<IReadOnlyList<PeerEndPoint>, PeerEndPoint> found, NodeWork work, TimeSpan now)
    {
        List<PeerEndPoint> stored = [];
        peers.Find(search.Lookup.Target, KrpcMessage.MaxValues, now, stored);
        foreach (var peer in search.New(stored))
        {
            work.Call(() => found([peer], peer)); // it has proved its address, and named itself
        }
    }

    /// <summary>Nodes that a node has named. A node on the internet names none of our network.</summary>
    private void AddNamed(Search? search, List<CompactNode> nodes, PeerEndPoint by, TimeSpan now)
    {
        foreach (var node in nodes)
        {
            if (node.Id == table.Self || !guard.MayDial(node.EndPoint, by.Address, webPorts: false))
            {
                continue;
            }

            if (search is { HasEnded: false })
            {
                search.Lookup.Add(node);
            }

            checks.AddIfPlace(node, TableChecks.MaxNamed, now);
        }
    }
}
