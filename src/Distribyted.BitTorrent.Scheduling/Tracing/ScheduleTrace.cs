namespace Distribyted.BitTorrent.Scheduling.Tracing;

/// <summary>The last events of a scheduler, in memory of a fixed size. It shows where the time of a slow read went.</summary>
/// <remarks>Not safe for use by many threads: it belongs to one scheduler and is guarded by the lock around it.</remarks>
/// <param name="capacity">How many events are kept, at least 1; 48 bytes each.</param>
public sealed class ScheduleTrace(int capacity)
{
    private readonly TraceEvent[] _ring = new TraceEvent[capacity];
    private long _written;

    /// <summary>Keeps an event in place of the oldest.</summary>
    public void Add(in TraceEvent item)
    {
        _ring[_written++ % _ring.Length] = item;
    }

    /// <summary>What is kept, oldest first.</summary>
    public TraceEvent[] ToArray()
    {
        var count = (int)Math.Min(_written, _ring.Length);
        var events = new TraceEvent[count];
        for (var i = 0; i < count; i++)
        {
            events[i] = _ring[(_written - count + i) % _ring.Length];
        }

        return events;
    }
}
