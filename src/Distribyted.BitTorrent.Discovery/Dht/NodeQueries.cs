using System.Buffers.Binary;
using System.Diagnostics;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Sends the queries of a node, and finds the query that an answer or a timeout belongs to.</summary>
/// <param name="nodeLock">The lock of the node; every method is called inside it.</param>
/// <param name="table">Has our id.</param>
/// <param name="reachability">Whether queries say that we are read-only (BEP 43).</param>
/// <param name="due">Takes the timeouts.</param>
internal sealed class NodeQueries(Lock nodeLock, RoutingTable table, Reachability reachability, DueQueue due)
{
    private readonly PendingQueries _pending = new();
    private readonly RecentAddresses _contacted = new(TimeSpan.FromMinutes(30));

    /// <summary>Whether nodes of both address families are asked for (BEP 32). Set without the lock, before the first query is sent.</summary>
    public bool WantsBoth { get; set; }

    /// <summary>Whether we wrote to an address lately.</summary>
    public bool HasContacted(PeerEndPoint endPoint, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        return _contacted.Contains(endPoint, now);
    }

    /// <summary>Asks a node whether it is there.</summary>
    /// <param name="to">Its address.</param>
    /// <param name="expected">Its id, as others say; null: not known.</param>
    /// <param name="work">Sends it.</param>
    /// <param name="now">The time.</param>
    public void Ping(PeerEndPoint to, NodeId? expected, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        var transaction = _pending.Add(new PendingQuery(to, expected, null, null, now));
        Write(KrpcMethod.Ping, transaction, default, default, 0, work);
        work.Send(to);
        _contacted.Add(to, now);
        due.Add(new Due(DueKind.Timeout, transaction), now + PendingQueries.Timeout);
    }

    /// <summary>Asks a node for what a search looks for.</summary>
    public void Ask(Search search, LookupNode node, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        var transaction = _pending.Add(new PendingQuery(node.EndPoint, node.Id, search, node, now));
        Write(search.Method, transaction, search.Lookup.Target, default, 0, work);
        work.Send(node.EndPoint);
        _contacted.Add(node.EndPoint, now);
        due.Add(new Due(DueKind.Late, transaction), now + _pending.LateAfter);
    }

    /// <summary>Tells a node that has answered a search the TCP port of the search.</summary>
    public void Announce(Search search, LookupNode node, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        var transaction = _pending.Add(new PendingQuery(node.EndPoint, node.Id, null, null, now));
        Write(KrpcMethod.AnnouncePeer, transaction, search.Lookup.Target, node.Token, search.AnnouncePort, work);
        work.Send(node.EndPoint);
        due.Add(new Due(DueKind.Timeout, transaction), now + PendingQueries.Timeout);
    }

    /// <summary>Takes the query that an answer from this address belongs to; null: none was sent there.</summary>
    public PendingQuery? TakeAnswered(ReadOnlySpan<byte> transaction, PeerEndPoint from, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        return transaction.Length == 4 ? _pending.TakeAnswered(BinaryPrimitives.ReadUInt32BigEndian(transaction), from, now) : null;
    }

    /// <summary>The query whose answer is late; it is waited for until the timeout. Null: it was answered.</summary>
    public PendingQuery? FindLate(uint transaction)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_pending.Find(transaction) is not { } query)
        {
            return null;
        }

        due.Add(new Due(DueKind.Timeout, transaction), query.SentAt + PendingQueries.Timeout);
        return query;
    }

    /// <summary>Takes the query that was not answered in time; null: it was.</summary>
    public PendingQuery? TakeTimedOut(uint transaction)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        return _pending.TakeTimedOut(transaction);
    }

    private void Write(KrpcMethod method, uint transaction, NodeId target, ReadOnlySpan<byte> token, int port, NodeWork work)
    {
        work.Writer.WriteQuery(
            new KrpcQuery
            {
                Method = method,
                Transaction = transaction,
                Self = table.Self,
                Target = target,
                Token = token,
                Port = port,
                WantsBoth = WantsBoth,
                IsReadOnly = reachability.IsReadOnly,
            }
        );
    }
}
