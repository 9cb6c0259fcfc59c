using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Peers;

/// <summary>The one timer of all swarms: armed for the earliest due time, off when nothing is due. Grain 10 ms.</summary>
internal sealed class WakeTimer : IDisposable
{
    private const long Grain = 10 * MonotonicClock.Millisecond;

    private readonly Lock _lock = new();
    private readonly MonotonicClock _clock;
    private readonly ITimer _timer;
    private readonly Dictionary<Swarm, long> _wishes = [];
    private long _armedFor = long.MaxValue;

    public WakeTimer(MonotonicClock clock, ILogger logger)
    {
        _clock = clock;
        _timer = Background.CreateTimer(clock.Time, "timer of swarms", logger, Fire);
    }

    /// <summary>Runs the swarm at this time; replaces its former wish. <see cref="long.MaxValue"/>: not at all.</summary>
    public void Arm(Swarm swarm, long due)
    {
        lock (_lock)
        {
            if (due == long.MaxValue)
            {
                _wishes.Remove(swarm);
                return;
            }

            _wishes[swarm] = due;
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
        List<Swarm> due = [];
        lock (_lock)
        {
            var now = _clock.Now + (Grain / 2);
            var next = long.MaxValue;
            foreach (var (swarm, at) in _wishes)
            {
                if (at <= now)
                {
                    due.Add(swarm);
                }
                else
                {
                    next = Math.Min(next, at);
                }
            }

            foreach (var swarm in due)
            {
                _wishes.Remove(swarm);
            }

            _armedFor = long.MaxValue;
            if (next != long.MaxValue)
            {
                Set(next);
            }
        }

        foreach (var swarm in due)
        {
            swarm.Wake();
        }
    }
}
