using System.Net;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Discovery.Names;

/// <summary>Limits how many names are looked up at once. A lookup that takes long no longer counts, so names without an answer do not hold up
/// those behind them; names that failed the last time go last. Safe for use by many threads.</summary>
internal sealed class NameLookups : IDisposable
{
    /// <summary>Lookups under way that are still young. Home routers answer for so many at once.</summary>
    public const int MaxYoung = 32;

    /// <summary>Lookups under way in all; each costs a thread.</summary>
    public const int MaxInAll = 160;

    /// <summary>A name server that is there answers within this.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time;
    private readonly Func<string, Task<IPAddress[]>> _resolve;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly PriorityQueue<Waiting, (bool MayWait, long Order)> _waiting = new();
    private readonly Queue<Running> _byAge = new();
    private int _young;
    private int _running;
    private long _order;
    private bool _disposed;

    /// <param name="time">The clock.</param>
    /// <param name="resolve">Looks one name up; must not block.</param>
    /// <param name="logger">For errors that are not expected.</param>
    public NameLookups(TimeProvider time, Func<string, Task<IPAddress[]>> resolve, ILogger? logger = null)
    {
        _time = time;
        _resolve = resolve;
        _logger = logger ?? NullLogger.Instance;
        _timer = Background.CreateTimer(time, "timer of name lookups", _logger, Begin);
    }

    /// <summary>Looks a name up when the limits allow.</summary>
    /// <param name="host">The name.</param>
    /// <param name="mayWait">Others go first.</param>
    public Task<IPAddress[]> RunAsync(string host, bool mayWait)
    {
        var waiting = new Waiting(host);
        lock (_lock)
        {
            _waiting.Enqueue(waiting, (mayWait, _order++));
        }

        Begin();
        return waiting.Done.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Begin()
    {
        while (Next() is { } next)
        {
            Background.Forget("name lookup", _logger, LookUpAsync(next));
        }
    }

    /// <summary>The next one to begin; null: none waits, or the limits are reached. Then the timer is set for the next chance.</summary>
    private Running? Next()
    {
        lock (_lock)
        {
            while (_byAge.TryPeek(out var oldest) && (!oldest.IsYoung || _time.GetElapsedTime(oldest.Since) >= Young))
            {
                NoLongerYoung(_byAge.Dequeue());
            }

            if (_waiting.Count == 0 || _running >= MaxInAll || _disposed)
            {
                return null;
            }

            if (_young >= MaxYoung)
            {
                var left = Young - _time.GetElapsedTime(_byAge.Peek().Since); // looked at again: it may be over by now
                _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                return null;
            }

            var next = new Running(_waiting.Dequeue(), _time.GetTimestamp());
            _byAge.Enqueue(next);
            _young++;
            _running++;
            return next;
        }
    }

    private void NoLongerYoung(Running running)
    {
        _young -= running.IsYoung ? 1 : 0;
        running.IsYoung = false;
    }

    private async Task LookUpAsync(Running running)
    {
        IPAddress[]? addresses = null;
        Exception? error = null;
        try
        {
            addresses = await _resolve(running.What.Host);
        }
        catch (Exception e)
        {
            error = e;
        }

        lock (_lock)
        {
            _running--;
            NoLongerYoung(running);
        }

        Begin();
        if (addresses is not null)
        {
            running.What.Done.SetResult(addresses);
        }
        else
        {
            running.What.Done.SetException(error!);
        }
    }

    private sealed class Waiting(string host)
    {
        public string Host { get; } = host;

        public TaskCompletionSource<IPAddress[]> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Running(Waiting what, long since)
    {
        public Waiting What { get; } = what;

        public long Since { get; } = since;

        public bool IsYoung { get; set; } = true;
    }
}
