namespace Distribyted.Simulation;

/// <summary>A clock that jumps from event to event. Microseconds; events of one moment happen in the order in which they were planned.</summary>
internal sealed class VirtualTime
{
    private readonly EventHeap _events = new();

    public long Now { get; private set; }

    public void At(long at, Action action)
    {
        _events.Add(Math.Max(at, Now), action);
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
            if (_events.NextAt > end)
            {
                Now = end;
                return false;
            }

            Now = _events.NextAt;
            _events.Remove()();
        }

        return true;
    }
}
