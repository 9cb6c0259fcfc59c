namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>How long packets wait in queues on their way (RFC 6817, section 3.4): the delay of the last ones minus the smallest of the last ten minutes.
/// What the other side measures is the delay plus the difference of two clocks, modulo 2^32; only differences mean anything. Pure.</summary>
internal sealed class DelayHistory
{
    private const int Minutes = 10; // BASE_HISTORY: clocks drift apart, and routes change
    private const int Last = 4; // CURRENT_FILTER
    private const long Minute = 60 * UtpLimits.Second;

    private readonly uint[] _base = new uint[Minutes];
    private readonly uint[] _last = new uint[Last];
    private long _minuteEnds = long.MinValue;
    private int _minute;
    private int _next;

    /// <summary>Whether nothing was measured yet.</summary>
    public bool IsEmpty => _minuteEnds == long.MinValue;

    /// <summary>Microseconds that the last packets waited; the smallest of four, since one of them may have waited for a busy machine.</summary>
    public long Queueing
    {
        get
        {
            var smallest = Smallest(_base);
            return unchecked((int)(Smallest(_last) - smallest)) is > 0 and var waited ? waited : 0;
        }
    }

    /// <summary>A packet was measured.</summary>
    public void Add(uint delay, long now)
    {
        if (IsEmpty)
        {
            Array.Fill(_base, delay);
            Array.Fill(_last, delay);
            _minuteEnds = now + Minute;
        }
        else if (now >= _minuteEnds)
        {
            _minuteEnds = now + Minute;
            _minute = (_minute + 1) % Minutes;
            _base[_minute] = delay;
        }

        _base[_minute] = Smaller(_base[_minute], delay);
        _last[_next] = delay;
        _next = (_next + 1) % Last;
    }

    private static uint Smallest(uint[] delays)
    {
        var smallest = delays[0];
        foreach (var delay in delays)
        {
            smallest = Smaller(smallest, delay);
        }

        return smallest;
    }

    private static uint Smaller(uint a, uint b)
    {
        return unchecked((int)(a - b)) < 0 ? a : b;
    }
}
