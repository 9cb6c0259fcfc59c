using System.Diagnostics;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The nodes that are to be pinged because they may come into the table, or are in it from an earlier run. A few at a time are.</summary>
/// <param name="nodeLock">The lock of the node; every member is called inside it.</param>
/// <param name="table">The table.</param>
/// <param name="queries">Sends the pings.</param>
/// <param name="due">Takes the time of the next ones.</param>
internal sealed class TableChecks(Lock nodeLock, RoutingTable table, NodeQueries queries, DueQueue due)
{
    /// <summary>No node that another one named is added when so many wait.</summary>
    public const int MaxNamed = 256;

    /// <summary>No node that only asked us something is added when so many wait: its address may be forged.</summary>
    public const int MaxHeard = 32;

    /// <summary>Pings that are sent at once.</summary>
    public const int AtOnce = 4;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly Queue<CompactNode> _checks = new();
    private bool _isDue;

    /// <summary>Adds a node that would find a place in the table.</summary>
    /// <param name="node">The node.</param>
    /// <param name="most">Not added when so many wait.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it was added.</returns>
    public bool AddIfPlace(CompactNode node, int most, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_checks.Count >= most || !table.HasPlaceFor(node.Id, node.EndPoint) || IsWaiting(node.EndPoint))
        {
            return false;
        }

        Add(node, now);
        return true;
    }

    /// <summary>Adds a node.</summary>
    public void Add(CompactNode node, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _checks.Enqueue(node);
        SetDue(now);
    }

    /// <summary>Pings a few.</summary>
    public void PingSome(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        for (var sent = 0; sent < AtOnce && _checks.TryDequeue(out var node); )
        {
            if (!table.IsGood(node.EndPoint))
            {
                queries.Ping(node.EndPoint, node.Id, work, now);
                sent++;
            }
        }

        _isDue = false;
        SetDue(now);
    }

    private bool IsWaiting(PeerEndPoint endPoint)
    {
        foreach (var node in _checks)
        {
            if (node.EndPoint == endPoint)
            {
                return true;
            }
        }

        return false;
    }

    private void SetDue(TimeSpan now)
    {
        if (_checks.Count > 0 && !_isDue)
        {
            _isDue = true;
            due.Add(new Due(DueKind.Checks), now + Every);
        }
    }
}
