using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Dashboard.Live;

/// <summary>One timer for all open pages. Without a visible page it does not run. Safe for use by many threads.</summary>
internal sealed class Ticker(TimeProvider time, RateHistory history, ILogger<Ticker> logger) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Action[] _pages = []; // replaced, never changed; guarded by _lock
    private ITimer? _timer; // guarded by _lock

    /// <summary>Calls this once a second, on a thread of the pool, until the result is disposed.</summary>
    public IDisposable Subscribe(Action tick)
    {
        lock (_lock)
        {
            _pages = [.. _pages, tick];
            if (_timer is null)
            {
                _timer = Background.CreateTimer(time, "pages", logger, Tick);
                _timer.Change(Period, Period);
            }
        }

        return new Subscription(this, tick);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _pages = [];
            Stop();
        }
    }

    private void Tick()
    {
        history.Note();
        Action[] pages;
        lock (_lock)
        {
            pages = _pages;
        }

        foreach (var page in pages)
        {
            Background.Try("page", logger, page);
        }
    }

    // Requires _lock.
    private void Stop()
    {
        _timer?.Dispose();
        _timer = null;
    }

    private sealed class Subscription(Ticker ticker, Action tick) : IDisposable
    {
        public void Dispose()
        {
            lock (ticker._lock)
            {
                ticker._pages = [.. ticker._pages.Where(page => page != tick)];
                if (ticker._pages.Length == 0)
                {
                    ticker.Stop();
                }
            }
        }
    }
}
