namespace Distribyted.Simulation;

/// <summary>A clock that jumps from event to event. Microseconds; events of one moment happen in the order in which they were planned.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _order;

    public long Now { get; private set; }

    public void At(long at, Action action)
    {
        _events.Enqueue(action, (Math.Max(at, Now), _order++));
    }

    public void After(long delay, Action action)
    {
        At(Now + delay, action);
    }

    /// <summary>Lets events happen until the condition holds, or the time is over; tells which.</summary>
    public bool Until(Func<bool> done, long within)
    {
        var end = Now + within;
        while (!done())
        {
            if (!_events.TryPeek(out _, out var next) || next.At > end)
            {
                Now = end;
                return false;
            }

            var action = _events.Dequeue();
            Now = next.At;
            action();
        }

        return true;
    }
}
