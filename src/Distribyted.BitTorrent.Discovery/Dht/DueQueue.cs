using System.Diagnostics;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What a node does at later times, the earliest first, and the one timer for all of it.</summary>
/// <param name="nodeLock">The lock of the node; every member is called inside it.</param>
/// <param name="timer">Fires when the first entry is due. It belongs to the node.</param>
internal sealed class DueQueue(Lock nodeLock, ITimer timer)
{
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);

    private readonly PriorityQueue<Due, TimeSpan> _due = new();
    private TimeSpan? _timerSetFor;

    /// <summary>Adds an entry; <see cref="SetTimer"/> is to be called before the lock is released.</summary>
    public void Add(Due due, TimeSpan at)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _due.Enqueue(due, at);
    }

    /// <summary>Whether an entry of this kind waits.</summary>
    public bool Contains(DueKind kind)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        return _due.UnorderedItems.Any(item => item.Element.Kind == kind);
    }

    /// <summary>Takes the first entry whose time has come.</summary>
    public bool TryTake(TimeSpan now, out Due due)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (!_due.TryPeek(out due, out var at) || at > now)
        {
            return false;
        }

        _due.Dequeue();
        return true;
    }

    /// <summary>Sets the timer for the first entry, unless it is set for that.</summary>
    public void SetTimer(TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (_due.TryPeek(out _, out var due) && due != _timerSetFor)
        {
            _timerSetFor = due;
            var wait = due - now;
            timer.Change(wait < MinWait ? MinWait : wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The timer has fired: it is set for nothing.</summary>
    public void TimerFired()
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _timerSetFor = null;
    }

    public void Clear()
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        _due.Clear();
    }
}
