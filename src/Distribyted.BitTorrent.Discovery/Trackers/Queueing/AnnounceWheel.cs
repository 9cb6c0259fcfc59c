using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>Wakes announcers when they are due: one timer for all torrents, off while nobody waits. Safe for use by many threads.</summary>
internal sealed class AnnounceWheel : IDisposable
{
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(20); // neighbours are woken together

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    // Guarded by _lock. Entries whose version is old are skipped when they come up.
    private readonly PriorityQueue<(Alarm Alarm, int Version), long> _due = new();
    private long _armedFor = long.MaxValue;
    private int _live;
    private bool _disposed;

    public AnnounceWheel(TimeProvider time, ILogger? logger = null)
    {
        _time = time;
        _logger = logger ?? NullLogger.Instance;
        _timer = Background.CreateTimer(time, "timer of announces", _logger, Turn);
    }

    /// <summary>How many alarms are set.</summary>
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

    /// <summary>Sets an alarm, replacing the time it was set to before.</summary>
    public void Set(Alarm alarm, TimeSpan delay)
    {
        var due = _time.GetTimestamp() + ToTicks(delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _live += alarm.IsSet ? 0 : 1;
            alarm.IsSet = true;
            _due.Enqueue((alarm, ++alarm.Version), due);
            if (_due.Count > 64 + (4 * _live))
            {
                DropOld();
            }

            Arm();
        }
    }

    /// <summary>Takes an alarm back. One that is ringing right now may still be heard.</summary>
    public void Clear(Alarm alarm)
    {
        lock (_lock)
        {
            if (alarm.IsSet)
            {
                alarm.IsSet = false;
                alarm.Version++;
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

    private void Turn()
    {
        List<Alarm>? ringing = null;
        lock (_lock)
        {
            _armedFor = long.MaxValue;
            var now = _time.GetTimestamp();
            while (_due.TryPeek(out var entry, out var due) && (entry.Alarm.Version != entry.Version || due <= now))
            {
                _due.Dequeue();
                if (entry.Alarm.Version == entry.Version)
                {
                    entry.Alarm.IsSet = false;
                    entry.Alarm.Version++;
                    _live--;
                    (ringing ??= []).Add(entry.Alarm);
                }
            }

            if (!_disposed)
            {
                Arm();
            }
        }

        foreach (var alarm in ringing ?? [])
        {
            Background.Try("announce that is due", _logger, alarm.Ring); // the others are due all the same
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
        // Rounded up to whole milliseconds, so that the alarm is due when the timer fires.
        _timer.Change(
            TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(delay.TotalMilliseconds, Grain.TotalMilliseconds))),
            Timeout.InfiniteTimeSpan
        );
    }

    private void DropOld()
    {
        var kept = _due.UnorderedItems.Where(item => item.Element.Alarm.Version == item.Element.Version).ToArray();
        _due.Clear();
        _due.EnqueueRange(kept);
        _armedFor = long.MaxValue;
    }

    private long ToTicks(TimeSpan delay)
    {
        return (long)Math.Ceiling(delay.TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>Something to be woken for. <c>ring</c> is called on a pool thread, without a lock, and must not block.</summary>
    internal sealed class Alarm(Action ring)
    {
        internal bool IsSet { get; set; }

        internal int Version { get; set; }

        internal void Ring()
        {
            ring();
        }
    }
}
