using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Whether nodes answer us and reach us, and what is logged about it.</summary>
/// <param name="nodeLock">The lock of the node; every member is called inside it.</param>
/// <param name="family">IPv4 or IPv6, for the log.</param>
/// <param name="logger">For <see cref="DhtLog"/>.</param>
/// <param name="reachability">Whether nodes that we never wrote to reach us.</param>
internal sealed class NodeHealth(Lock nodeLock, string family, ILogger logger, Reachability reachability)
{
    /// <summary>An answer that is older says nothing about the present.</summary>
    public static readonly TimeSpan OldAfter = TimeSpan.FromMinutes(15);

    /// <summary>If no node has answered so long after the start, that is logged.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan OwnNetworkGone = TimeSpan.FromSeconds(15);

    private TimeSpan? _answeredAt; // when any node last answered
    private bool _loggedWorks;
    private bool _loggedSilent;

    /// <summary>Whether a node has answered in the last minutes.</summary>
    public bool IsWorking(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        return _answeredAt is { } at && now - at < OldAfter;
    }

    /// <summary>Whether a node has answered in the last seconds: one that does not answer is itself the cause, and not our own line.</summary>
    public bool IsOwnNetworkWorking(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        return _answeredAt is { } at && now - at < OwnNetworkGone;
    }

    /// <summary>A node has answered.</summary>
    public void Answered(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _answeredAt = now;
        _loggedSilent = false;
        reachability.Working(now);
    }

    /// <summary>A lookup that fills the table has ended: logs once that the DHT works, if it does.</summary>
    /// <param name="table">Has the nodes that answered.</param>
    public void LogIfWorks(RoutingTable table)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (!_loggedWorks && table.GoodCount > 0)
        {
            _loggedWorks = true;
            logger.DhtWorks(family, table.GoodCount);
        }
    }

    /// <summary>Logs that no node has answered since the start, if so. Called when <see cref="SilentAfter"/> has passed.</summary>
    public void LogIfSilent()
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_answeredAt is null && !_loggedSilent)
        {
            _loggedSilent = true;
            logger.DhtSilent(family, SilentAfter);
        }
    }

    /// <summary>Logs that nodes no longer answer, or that none reaches us. Called once a minute.</summary>
    public void Check(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_loggedWorks && !_loggedSilent && _answeredAt is { } at && now - at > OldAfter)
        {
            (_loggedSilent, _loggedWorks) = (true, false);
            logger.DhtSilent(family, OldAfter);
        }

        if (reachability.Check(now))
        {
            logger.DhtUnreachable(family, Reachability.Patience);
        }
    }
}
