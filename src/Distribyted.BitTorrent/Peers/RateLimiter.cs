namespace Distribyted.BitTorrent.Peers;

/// <summary>A token bucket in bytes, refilled by the clock: a tenth of a second's worth may be saved up. Safe for use by many threads.</summary>
internal sealed class RateLimiter(long bytesPerSecond, MonotonicClock clock)
{
    private const int MinBurst = 32 * 1024; // two blocks: a limit of 16 KiB/s must still let a block through

    private readonly Lock _gate = new();
    private readonly long _burst = Math.Max(MinBurst, bytesPerSecond / 10);
    private double _tokens = Math.Max(MinBurst, bytesPerSecond / 10);
    private long _filledAt = clock.Now;

    /// <summary>Whether there is a limit at all.</summary>
    public bool IsLimited => bytesPerSecond > 0;

    /// <summary>Bytes that may go now when the bucket may be <paramref name="credit"/> bytes in debt; <see cref="long.MaxValue"/> without a limit.</summary>
    public long AvailableWith(long credit)
    {
        if (!IsLimited)
        {
            return long.MaxValue;
        }

        lock (_gate)
        {
            Refill();
            return Math.Max(0, (long)_tokens + credit);
        }
    }

    /// <summary>Takes bytes, below zero if need be: who took them has sent or asked for them already.</summary>
    public void Take(long bytes)
    {
        if (IsLimited)
        {
            lock (_gate)
            {
                Refill();
                _tokens -= bytes;
            }
        }
    }

    /// <summary>Waits until the bucket is not in debt, then takes.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        while (IsLimited)
        {
            TimeSpan wait;
            lock (_gate)
            {
                Refill();
                if (_tokens > 0)
                {
                    _tokens -= bytes;
                    return;
                }

                wait = TimeSpan.FromSeconds(Math.Max(0.01, (1 - _tokens) / bytesPerSecond));
            }

            await Task.Delay(wait, clock.Time, cancellationToken);
        }
    }

    private void Refill()
    {
        var now = clock.Now;
        _tokens = Math.Min(_burst, _tokens + ((now - _filledAt) * (double)bytesPerSecond / MonotonicClock.Second));
        _filledAt = now;
    }
}
