using System.Threading.Tasks.Sources;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>One receive or send that waits; used again and again. Guarded by the lock of its transport.</summary>
/// <param name="cancelled">Called, without the lock, when a token was cancelled: it may be that of an operation that has ended.</param>
internal sealed class PendingOperation(Action<CancellationToken> cancelled) : IValueTaskSource<int>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<int> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;

    /// <summary>Whether it waits.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Of the operation that waits.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>The version of the operation that waits.</summary>
    public short Version => _core.Version;

    public void Begin(CancellationToken token)
    {
        if (IsPending)
        {
            throw new InvalidOperationException("There is one of these under way already.");
        }

        _core.Reset();
        (IsPending, Token) = (true, token);
        if (token.CanBeCanceled)
        {
            _registration = token.UnsafeRegister(static (operation, token) => ((PendingOperation)operation!).Cancelled(token), this);
        }
    }

    public void Complete(int result)
    {
        End();
        _core.SetResult(result);
    }

    public void Fail(Exception error)
    {
        End();
        _core.SetException(error);
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        return _core.GetResult(token);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token)
    {
        return _core.GetStatus(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token)
    {
        return _core.GetStatus(token);
    }

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _core.OnCompleted(continuation, state, token, flags);
    }

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _core.OnCompleted(continuation, state, token, flags);
    }

    private void Cancelled(CancellationToken token)
    {
        cancelled(token);
    }

    private void End()
    {
        IsPending = false;
        _registration.Unregister(); // does not wait for a callback that runs: it waits for the lock that is held here
        _registration = default;
    }
}
