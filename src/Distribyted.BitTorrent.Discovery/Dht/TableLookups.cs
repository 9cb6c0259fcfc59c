using System.Diagnostics;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The lookups that fill the table of a node: of our own id, and of ids in buckets that could have more nodes.</summary>
/// <param name="nodeLock">The lock of the node; every member is called inside it.</param>
/// <param name="table">What is filled.</param>
/// <param name="health">Is told when a lookup has ended.</param>
/// <param name="searches">Does them.</param>
internal sealed class TableLookups(Lock nodeLock, RoutingTable table, NodeHealth health, Searches searches)
{
    private const int MaxRefreshes = 4; // after each lookup of our own id

    private Search? _self;
    private int _refreshes;

    /// <summary>Looks up our own id, unless that is under way; then the far buckets are filled.</summary>
    public void FindSelf(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_self is null)
        {
            FindNewSelf(work, now);
        }
    }

    /// <summary>Looks up our own id, which is another one than before.</summary>
    public void FindNewSelf(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _refreshes = 0;
        _self = Create(table.Self, now);
        searches.Begin(_self, work, now);
    }

    /// <summary>Looks for nodes of one bucket of the table.</summary>
    public void Refresh(int bucket, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        searches.Begin(Create(RandomIdIn(bucket), now), work, now);
    }

    private Search Create(NodeId target, TimeSpan now)
    {
        return new Search(target, KrpcMethod.FindNode, now) { Completed = Completed };
    }

    /// <summary>After the lookup of our own id the far buckets are filled, with one lookup at a time.</summary>
    private void Completed(Search search, NodeWork work, TimeSpan now)
    {
        _self = search == _self ? null : _self;
        health.LogIfWorks(table);
        if (
            search.Lookup.Answers > 0
            && _refreshes < MaxRefreshes
            && table.TakeBucketToRefresh(now - TimeSpan.FromSeconds(1), true, now) is { } bucket
        )
        {
            _refreshes++;
            Refresh(bucket, work, now);
        }
    }

    /// <summary>A random id that shares exactly so many first bits with ours.</summary>
    private NodeId RandomIdIn(int bucket)
    {
        Span<byte> self = stackalloc byte[NodeId.Length];
        Span<byte> id = stackalloc byte[NodeId.Length];
        table.Self.CopyTo(self);
        RandomNumberGenerator.Fill(id);
        self[..(bucket / 8)].CopyTo(id);
        var kept = 0xff00 >> (bucket % 8);
        var own = self[bucket / 8] ^ (0x80 >> (bucket % 8));
        var mask = (byte)(kept | (0x80 >> (bucket % 8)));
        id[bucket / 8] = (byte)((own & mask) | (id[bucket / 8] & ~mask));
        return new NodeId(id);
    }
}
