namespace Distribyted.Simulation;

/// <summary>A line with a rate and a queue that drops what would wait too long.</summary>
internal sealed class SimLink(double bytesPerSecond, long longestQueue)
{
    private long _freeAt;

    /// <summary>Microseconds that something put in now would wait.</summary>
    public long Waiting(long now)
    {
        return Math.Max(0, _freeAt - now);
    }

    /// <summary>When this is through; -1: the queue was full and it is lost.</summary>
    public long Send(int bytes, long now)
    {
        if (Waiting(now) > longestQueue)
        {
            return -1;
        }

        _freeAt = Math.Max(_freeAt, now) + (long)(bytes * 1e6 / bytesPerSecond);
        return _freeAt;
    }
}
