namespace Distribyted.BitTorrent.Peers;

/// <summary>A token bucket in bytes, refilled by the clock: a tenth of a second's worth may be saved up. Safe for use by many threads.</summary>
internal sealed class RateLimiter(long bytesPerSecond, MonotonicClock clock)
{
    private const int MinBurst = 32 * 1024; // two blocks: a limit of 16 KiB/s must still let a block through

    private readonly Lock _lock = new();
    private readonly long _burst = Math.Max(MinBurst, bytesPerSecond / 10);
    private double _tokens = Math.Max(MinBurst, bytesPerSecond / 10);
    private long _filledAt = clock.Now;

    /// <summary>The limit; 0: none.</summary>
    public long BytesPerSecond => bytesPerSecond;

    /// <summary>Whether there is a limit at all.</summary>
    public bool IsLimited => bytesPerSecond > 0;

    /// <summary>Bytes that may go now when the bucket may be <paramref name="credit"/> bytes in debt; <see cref="long.MaxValue"/> without a limit.</summary>
    public long AvailableWith(long credit)
    {
        if (!IsLimited)
        {
            return long.MaxValue;
        }

        lock (_lock)
        {
            Refill();
            return Math.Max(0, (long)_tokens + credit);
        }
    }

    /// <summary>Takes bytes, below zero if need be: who took them has sent or asked for them already. A negative number gives bytes back.</summary>
    public void Take(long bytes)
    {
        if (IsLimited)
        {
            lock (_lock)
            {
                Refill();
                _tokens -= bytes;
            }
        }
    }

    /// <summary>Takes bytes that are sent later, at the moment returned: when the debt of those who came before is paid.</summary>
    public long Reserve(long bytes)
    {
        lock (_lock)
        {
            Refill();
            var wait = _tokens > 0 ? 0 : (1 - _tokens) / bytesPerSecond;
            _tokens -= bytes;
            return _filledAt + (long)Math.Ceiling(wait * MonotonicClock.Second);
        }
    }

    /// <summary>How long it is until then.</summary>
    public TimeSpan Until(long moment)
    {
        return TimeSpan.FromMicroseconds(Math.Max(0, moment - clock.Now));
    }

    private void Refill()
    {
        var now = clock.Now;
        _tokens = Math.Min(_burst, _tokens + ((now - _filledAt) * (double)bytesPerSecond / MonotonicClock.Second));
        _filledAt = now;
    }
}
