using Microsoft.JSInterop;

namespace Distribyted.Dashboard.Live;

/// <summary>Tells the parts of one open page once a second that they may look again, while the page is visible and its browser is connected. Safe for use by many
/// threads.</summary>
public sealed class PageClock : IDisposable
{
    private readonly Ticker _ticker;
    private readonly Lock _lock = new();
    private Action? _looks; // guarded by _lock
    private bool _isVisible = true; // guarded by _lock
    private bool _isConnected = true; // guarded by _lock
    private IDisposable? _subscription; // guarded by _lock

    internal PageClock(Ticker ticker)
    {
        _ticker = ticker;
    }

    // Requires _lock.
    private bool IsShown => _isVisible && _isConnected;

    /// <summary>Calls this once a second, on a thread of the pool, until the result is disposed.</summary>
    internal IDisposable Subscribe(Action look)
    {
        lock (_lock)
        {
            _looks += look;
            Adapt();
        }

        return new Subscription(this, look);
    }

    /// <summary>The page was shown or hidden; its script says so.</summary>
    [JSInvokable]
    public void SetVisible(bool isVisible)
    {
        lock (_lock)
        {
            _isVisible = isVisible;
            Adapt();
        }

        Tick(); // a page that comes back shows what is now
    }

    /// <summary>The browser has connected, again if it was away, or its connection is lost.</summary>
    internal void SetConnected(bool isConnected)
    {
        lock (_lock)
        {
            _isConnected = isConnected;
            Adapt();
        }

        Tick();
    }

    /// <summary>Answers; the script learns so that the connection works.</summary>
    [JSInvokable]
    public bool IsThere()
    {
        return true;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _looks = null;
            Adapt();
        }
    }

    // Requires _lock.
    private void Adapt()
    {
        if (IsShown && _looks is not null)
        {
            _subscription ??= _ticker.Subscribe(Tick);
        }
        else
        {
            _subscription?.Dispose();
            _subscription = null;
        }
    }

    private void Tick()
    {
        Action? looks;
        lock (_lock)
        {
            looks = IsShown ? _looks : null;
        }

        looks?.Invoke();
    }

    private sealed class Subscription(PageClock clock, Action look) : IDisposable
    {
        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._looks -= look;
                clock.Adapt();
            }
        }
    }
}
