using Distribyted.BitTorrent.Peers;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>One timer for all swarms: set to the earliest time at which one of them is due, off when none is. Grain 10 ms. Safe for use by many threads.</summary>
internal sealed class DueTimer : IDisposable
{
    private const long Grain = 10 * MonotonicClock.Millisecond;

    private readonly Lock _lock = new();
    private readonly MonotonicClock _clock;
    private readonly ITimer _timer;
    private readonly Dictionary<IDueTarget, long> _due = [];
    private long _armedFor = long.MaxValue;

    public DueTimer(MonotonicClock clock, ILogger logger)
    {
        _clock = clock;
        _timer = Background.CreateTimer(clock.Time, "timer of swarms", logger, Fire);
    }

    /// <summary>Runs the target at this time, and not at the one before.</summary>
    /// <param name="target">What is due.</param>
    /// <param name="due">When; <see cref="long.MaxValue"/>: not at all.</param>
    public void Arm(IDueTarget target, long due)
    {
        lock (_lock)
        {
            if (due == long.MaxValue)
            {
                _due.Remove(target);
                return;
            }

            _due[target] = due;
            if (due < _armedFor)
            {
                Set(due);
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
    }

    private void Set(long due)
    {
        _armedFor = due;
        var wait = Math.Max(Grain, due - _clock.Now);
        _timer.Change(TimeSpan.FromMicroseconds(wait), Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        List<IDueTarget> due = [];
        lock (_lock)
        {
            var now = _clock.Now + (Grain / 2);
            var next = long.MaxValue;
            foreach (var (target, at) in _due)
            {
                if (at <= now)
                {
                    due.Add(target);
                }
                else
                {
                    next = Math.Min(next, at);
                }
            }

            foreach (var target in due)
            {
                _due.Remove(target);
            }

            _armedFor = long.MaxValue;
            if (next != long.MaxValue)
            {
                Set(next);
            }
        }

        foreach (var target in due)
        {
            target.Due();
        }
    }
}
