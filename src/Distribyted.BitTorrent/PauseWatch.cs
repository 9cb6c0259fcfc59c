using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent;

/// <summary>Notices that the process was stopped or the machine suspended. Asked once a second, by one thread at a time.</summary>
/// <remarks>
/// A stopped process (SIGSTOP) is seen by the engine's clock. A suspended machine is not on Linux, where CLOCK_MONOTONIC stands still meanwhile:
/// there the wall clock is ahead of it afterwards. A wall clock that is set forward looks the same and does no harm: connections are looked at once more.
/// </remarks>
internal sealed class PauseWatch(MonotonicClock clock)
{
    private long _stopped = clock.Stopped;
    private long _now = clock.Now;
    private DateTimeOffset _wall = clock.Time.GetUtcNow();

    /// <summary>How long the world went on without us since the last call; zero: it did not.</summary>
    public TimeSpan Look()
    {
        var now = clock.Now;
        var stopped = clock.Stopped;
        var wall = clock.Time.GetUtcNow();
        var missed = Math.Max(stopped - _stopped, ((wall - _wall).Ticks / TimeSpan.TicksPerMicrosecond) - (now - _now));
        (_now, _stopped, _wall) = (now, stopped, wall);
        return missed >= MonotonicClock.Stop ? TimeSpan.FromMicroseconds(missed) : TimeSpan.Zero;
    }
}
