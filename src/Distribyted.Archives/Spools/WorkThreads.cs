using System.Runtime.CompilerServices;

namespace Distribyted.Archives.Spools;

/// <summary>A few threads for work that blocks: decompression waits in synchronous reads for bytes of a swarm, which would use up the thread pool. Safe for use by
/// many threads.</summary>
/// <param name="name">Of the threads, for debuggers.</param>
/// <param name="most">Most threads at once; more work waits for one.</param>
internal sealed class WorkThreads(string name, int most)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly object _gate = new(); // of a kind that can be waited for
    private readonly Queue<Action> _work = new(); // guarded by _gate
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _threads; // guarded by _gate
    private int _idle; // guarded by _gate; threads that wait, woken or not
    private bool _isEnding; // guarded by _gate

    /// <summary>Threads that exist now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _threads;
            }
        }
    }

    /// <summary>Does the work on one of the threads.</summary>
    /// <exception cref="ObjectDisposedException">They have ended.</exception>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnding, this);
            _work.Enqueue(() => Run(work, done));
            if (_work.Count > _idle && _threads < most)
            {
                _threads++;
                new Thread(Loop) { IsBackground = true, Name = name }.Start();
            }
            else
            {
                Monitor.Pulse(_gate);
            }
        }

        return done.Task;
    }

    /// <summary>Takes no more work; completes when the last thread has ended.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
            if (_threads == 0)
            {
                _ended.TrySetResult();
            }
        }

        return _ended.Task;
    }

    private static void Run<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private void Loop()
    {
        while (RunNext()) { }
    }

    // Apart, so that a thread that waits for work holds nothing of what it did last, which may be a decompression of hundreds of MiB.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunNext()
    {
        if (Next() is not { } work)
        {
            return false;
        }

        work();
        return true;
    }

    private Action? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_work.TryDequeue(out var work))
                {
                    return work;
                }

                if (!_isEnding)
                {
                    _idle++;
                    var wasWoken = Monitor.Wait(_gate, Idle);
                    _idle--;
                    if (wasWoken || _work.Count > 0)
                    {
                        continue;
                    }
                }

                if (--_threads == 0 && _isEnding)
                {
                    _ended.TrySetResult();
                }

                return null;
            }
        }
    }
}
