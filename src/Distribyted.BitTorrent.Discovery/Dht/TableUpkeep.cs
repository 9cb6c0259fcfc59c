using System.Diagnostics;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Keeps the table of a node full and fresh: asks for the bootstrap hosts, pings old nodes, refreshes buckets, and says when it is to be saved.</summary>
/// <param name="nodeLock">The lock of the node; every member is called inside it.</param>
/// <param name="table">The table.</param>
/// <param name="health">Looked at once a minute.</param>
/// <param name="queries">Sends the pings.</param>
/// <param name="checks">Takes the nodes of an earlier run.</param>
/// <param name="lookups">Refreshes buckets.</param>
/// <param name="due">Takes the times.</param>
/// <param name="bootstrapWanted">Called without the lock: it knows too few nodes.</param>
/// <param name="saveWanted">Called without the lock: the table is to be saved.</param>
internal sealed class TableUpkeep(
    Lock nodeLock,
    RoutingTable table,
    NodeHealth health,
    NodeQueries queries,
    TableChecks checks,
    TableLookups lookups,
    DueQueue due,
    Action bootstrapWanted,
    Action saveWanted
)
{
    /// <summary>With fewer good nodes than this the bootstrap hosts are asked.</summary>
    public const int FewNodes = 4;

    private static readonly TimeSpan MaintainEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SavedFirst = TimeSpan.FromSeconds(1); // time for the nodes of the last run before hosts are asked
    private static readonly TimeSpan FirstBootstrapWait = TimeSpan.FromSeconds(5); // who asks again is pinged, and then gets whole answers

    private TimeSpan _bootstrapWait = FirstBootstrapWait;
    private TimeSpan _savedAt;

    /// <summary>Begins with the nodes of an earlier run, or asks for the bootstrap hosts when there are none.</summary>
    public void Start(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _savedAt = now;
        foreach (var node in table.Nodes.ToList())
        {
            checks.Add(node.Compact, now);
        }

        if (table.Count == 0)
        {
            work.Call(bootstrapWanted);
        }

        due.Add(new Due(DueKind.Bootstrap), now + (table.Count == 0 ? _bootstrapWait : SavedFirst));
        due.Add(new Due(DueKind.Silence), now + NodeHealth.SilentAfter);
        due.Add(new Due(DueKind.Maintain), now + MaintainEvery);
    }

    /// <summary>The network is another one, or is back: if there are too few nodes, bootstrap hosts are asked soon.</summary>
    public void NetworkChanged(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _bootstrapWait = FirstBootstrapWait;
        due.Add(new Due(DueKind.Bootstrap), now + SavedFirst);
    }

    /// <summary>The table is being saved.</summary>
    public void Saved(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _savedAt = now;
    }

    /// <summary>Asks for the bootstrap hosts when the table has too few nodes, and again after ever longer times.</summary>
    public void BootstrapIfFew(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (table.GoodCount >= FewNodes)
        {
            return;
        }

        work.Call(bootstrapWanted);
        due.Add(new Due(DueKind.Bootstrap), now + _bootstrapWait);
        _bootstrapWait = _bootstrapWait < TimeSpan.FromMinutes(8) ? _bootstrapWait * 2 : _bootstrapWait;
    }

    /// <summary>What is done once a minute.</summary>
    public void Maintain(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        due.Add(new Due(DueKind.Maintain), now + MaintainEvery);
        foreach (var node in table.FindOld(now - NodeHealth.OldAfter, 2 * TableChecks.AtOnce).ToList())
        {
            queries.Ping(node.EndPoint, node.Id, work, now);
        }

        if (table.TakeBucketToRefresh(now - NodeHealth.OldAfter, false, now) is { } bucket)
        {
            lookups.Refresh(bucket, work, now);
        }

        if (table.GoodCount < FewNodes && !due.Contains(DueKind.Bootstrap))
        {
            BootstrapIfFew(work, now);
        }

        health.Check(now);
        if (now - _savedAt >= SaveEvery)
        {
            _savedAt = now;
            work.Call(saveWanted);
        }
    }
}
