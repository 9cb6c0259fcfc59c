namespace Distribyted.Testing;

/// <summary>A clock that runs several times as fast as the system's, for tests in which real sockets wait for the engine's long times.</summary>
/// <remarks>Everything that is not waiting looks slower by the same factor: bounds must allow for that. Safe for use by many threads.</remarks>
/// <param name="times">How many of its seconds are one of the system's.</param>
internal sealed class FastClock(int times) : TimeProvider
{
    private readonly DateTimeOffset _utcStart = System.GetUtcNow();
    private readonly long _start = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow()
    {
        return _utcStart + GetElapsedTime(_start);
    }

    public override long GetTimestamp()
    {
        return _start + ((System.GetTimestamp() - _start) * times);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        return new Timer(this, System.CreateTimer(callback, state, ToSystem(dueTime), ToSystem(period)));
    }

    /// <summary>In whole milliseconds, upwards: the system's timers drop the rest and would fire before the time.</summary>
    private TimeSpan ToSystem(TimeSpan time)
    {
        return time == Timeout.InfiniteTimeSpan ? time : TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds / times));
    }

    private sealed class Timer(FastClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            return timer.Change(clock.ToSystem(dueTime), clock.ToSystem(period));
        }

        public void Dispose()
        {
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            return timer.DisposeAsync();
        }
    }
}
