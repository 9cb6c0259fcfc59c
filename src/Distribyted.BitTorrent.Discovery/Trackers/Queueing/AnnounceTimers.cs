using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>Calls announcers back when they are due: one timer of the system for all torrents, off while nothing is set. Safe for use by many threads.</summary>
internal sealed class AnnounceTimers : IDisposable
{
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(20); // timers that are due within it fire together

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    // Guarded by _lock. Entries whose version is old are skipped when they come up.
    private readonly PriorityQueue<(Timer Timer, int Version), long> _due = new();
    private long _armedFor = long.MaxValue;
    private int _live;
    private bool _disposed;

    public AnnounceTimers(TimeProvider time, ILogger? logger = null)
    {
        _time = time;
        _logger = logger ?? NullLogger.Instance;
        _timer = Background.CreateTimer(time, "timer of announces", _logger, FireDue);
    }

    /// <summary>How many timers are set.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _live;
            }
        }
    }

    /// <summary>Sets a timer, replacing the time it was set to before.</summary>
    public void Set(Timer timer, TimeSpan delay)
    {
        var due = _time.GetTimestamp() + ToTicks(delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _live += timer.IsSet ? 0 : 1;
            timer.IsSet = true;
            _due.Enqueue((timer, ++timer.Version), due);
            if (_due.Count > 64 + (4 * _live))
            {
                DropOld();
            }

            Arm();
        }
    }

    /// <summary>Clears a timer. One that is due right now may still call back.</summary>
    public void Clear(Timer timer)
    {
        lock (_lock)
        {
            if (timer.IsSet)
            {
                timer.IsSet = false;
                timer.Version++;
                _live--;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _due.Clear();
        }

        _timer.Dispose();
    }

    private void FireDue()
    {
        List<Timer>? fired = null;
        lock (_lock)
        {
            _armedFor = long.MaxValue;
            var now = _time.GetTimestamp();
            while (_due.TryPeek(out var entry, out var due) && (entry.Timer.Version != entry.Version || due <= now))
            {
                _due.Dequeue();
                if (entry.Timer.Version == entry.Version)
                {
                    entry.Timer.IsSet = false;
                    entry.Timer.Version++;
                    _live--;
                    (fired ??= []).Add(entry.Timer);
                }
            }

            if (!_disposed)
            {
                Arm();
            }
        }

        foreach (var timer in fired ?? [])
        {
            Background.Try("announce that is due", _logger, timer.Fire); // the others are due all the same
        }
    }

    private void Arm()
    {
        if (!_due.TryPeek(out _, out var due) || due >= _armedFor)
        {
            return;
        }

        _armedFor = due;
        var delay = TimeSpan.FromSeconds((due - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        // Rounded up to whole milliseconds, so that the first is due when the system calls.
        _timer.Change(
            TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(delay.TotalMilliseconds, Grain.TotalMilliseconds))),
            Timeout.InfiniteTimeSpan
        );
    }

    private void DropOld()
    {
        var kept = _due.UnorderedItems.Where(item => item.Element.Timer.Version == item.Element.Version).ToArray();
        _due.Clear();
        _due.EnqueueRange(kept);
        _armedFor = long.MaxValue;
    }

    private long ToTicks(TimeSpan delay)
    {
        return (long)Math.Ceiling(delay.TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>Something that is due later.</summary>
    /// <param name="callback">Called on a pool thread, without a lock; must not block.</param>
    internal sealed class Timer(Action callback)
    {
        internal bool IsSet { get; set; }

        internal int Version { get; set; }

        internal void Fire()
        {
            callback();
        }
    }
}
