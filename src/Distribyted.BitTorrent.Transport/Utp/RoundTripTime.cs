namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>The time from a packet to its acknowledgement, and for how long to wait for one (RFC 6298). Microseconds. Pure.</summary>
internal sealed class RoundTripTime
{
    private const long Unknown = UtpLimits.Second;

    private long _variation;
    private int _doublings;

    /// <summary>Smoothed; a second while nothing was measured.</summary>
    public long Smoothed { get; private set; } = Unknown;

    /// <summary>The shortest of all.</summary>
    public long Least { get; private set; } = long.MaxValue;

    /// <summary>After so long without an acknowledgement a packet counts as lost.</summary>
    public long Timeout => Math.Min(Math.Max(UtpLimits.LeastTimeout, Smoothed + (4 * _variation)) << _doublings, UtpLimits.MostTimeout);

    /// <summary>A packet that was sent once was acknowledged.</summary>
    public void Add(long sample)
    {
        sample = Math.Max(1, sample);
        if (Least == long.MaxValue)
        {
            Smoothed = sample;
            _variation = sample / 2;
        }
        else
        {
            _variation += (Math.Abs(Smoothed - sample) - _variation) / 4;
            Smoothed += (sample - Smoothed) / 8;
        }

        Least = Math.Min(Least, sample);
    }

    /// <summary>It was waited in vain: next time for twice as long.</summary>
    public void Double()
    {
        _doublings = Math.Min(_doublings + 1, 10);
    }

    /// <summary>Something was acknowledged.</summary>
    public void Progress()
    {
        _doublings = 0;
    }
}
