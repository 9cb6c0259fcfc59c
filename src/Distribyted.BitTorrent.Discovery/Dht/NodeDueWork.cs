using System.Diagnostics;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Does what is due in a node.</summary>
/// <param name="nodeLock">The lock of the node; it is held when its timer fires.</param>
/// <param name="parts">The parts of the node.</param>
/// <param name="messages">Knows what a query without an answer changes.</param>
internal sealed class NodeDueWork(Lock nodeLock, NodeParts parts, NodeMessages messages)
{
    /// <summary>Does all whose time has come. Called when the timer fires.</summary>
    public void Run(NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        parts.Due.TimerFired();
        while (parts.Due.TryTake(now, out var due))
        {
            switch (due.Kind)
            {
                case DueKind.Late:
                    if (parts.Queries.FindLate(due.Transaction) is { } late)
                    {
                        parts.Searches.Late(late, work, now);
                    }

                    break;
                case DueKind.Timeout:
                    messages.TimedOut(due.Transaction, work, now);
                    break;
                case DueKind.Checks:
                    parts.Checks.PingSome(work, now);
                    break;
                case DueKind.Announce:
                    parts.Searches.Announce(due.Search!, work, now);
                    break;
                case DueKind.Parked:
                    parts.Searches.EndParked(due.Search!, work, now);
                    break;
                case DueKind.Bootstrap:
                    parts.Upkeep.BootstrapIfFew(work, now);
                    break;
                case DueKind.Silence:
                    parts.Health.LogIfSilent();
                    break;
                case DueKind.Maintain:
                    parts.Upkeep.Maintain(work, now);
                    break;
            }
        }
    }
}
