using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>A µTP connection as a byte stream. Safe for use by many threads; one receive and one send may be under way at once.</summary>
public sealed class UtpTransport : IPeerTransport
{
    private const int LongestPacket = 1500;
    private const int WakesAnyway = UtpLimits.ReceiveBuffer / 2; // however much is expected: a reader that does not read closes the window

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly UtpSockets _sockets;
    private readonly Lock _lock = new();

    // Guarded by _lock. Packets are sent inside it, which keeps their order; sending never waits.
    private readonly UtpConnection _connection;
    private readonly PendingOperation _receive;
    private readonly PendingOperation _send;
    private Memory<byte> _receiveInto;
    private ReadOnlyMemory<byte> _sendFrom;
    private TaskCompletionSource? _opened;
    private int _expected = 1;
    private bool _isDisposed;
    private bool _abortsOnDispose;
    private bool _isForgotten;

    private long _dueAt = long.MaxValue;

    internal UtpTransport(UtpSockets sockets, UtpConnection connection, PeerEndPoint remote)
    {
        _sockets = sockets;
        _connection = connection;
        _receive = new PendingOperation(token => Cancelled(_receive!, token));
        _send = new PendingOperation(token => Cancelled(_send!, token));
        Remote = remote;
    }

    /// <inheritdoc/>
    public PeerEndPoint Remote { get; }

    /// <inheritdoc/>
    public bool IsUtp => true;

    /// <inheritdoc/>
    public int Unread
    {
        get
        {
            lock (_lock)
            {
                return _isDisposed ? 0 : _connection.Readable;
            }
        }
    }

    /// <summary>When <see cref="Due"/> is to be called.</summary>
    internal long DueAt => Volatile.Read(ref _dueAt);

    /// <summary>The id of packets that come for it.</summary>
    internal ushort ReceiveId => _connection.ReceiveId;

    /// <summary>The id of packets that it sends.</summary>
    internal ushort SendId => _connection.SendId;

    /// <summary>Whether it waits for its turn to send, because packets came. Guarded by the lock of <see cref="UtpSockets"/>.</summary>
    internal bool IsTouched { get; set; }

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection.Readable > 0 || _connection.HasPeerEnded)
            {
                var count = _connection.Read(buffer.Span);
                Flush();
                return ValueTask.FromResult(count);
            }

            ThrowIfFailed();
            _receiveInto = buffer;
            _receive.Begin(cancellationToken);
            return new ValueTask<int>(_receive, _receive.Version);
        }
    }

    /// <inheritdoc/>
    public void Expect(int bytes)
    {
        lock (_lock)
        {
            _expected = bytes;
            Complete();
            Flush();
        }
    }

    /// <inheritdoc/>
    public void EndUnlessAcknowledgedWithin(TimeSpan time)
    {
        lock (_lock)
        {
            _connection.LimitAcknowledgement(time.Ticks / TimeSpan.TicksPerMicrosecond, _sockets.Now);
            Arm();
        }
    }

    /// <inheritdoc/>
    public void AbortOnDispose()
    {
        lock (_lock)
        {
            _abortsOnDispose = true;
        }
    }

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ThrowIfFailed();
            var count = _connection.Write(buffer.Span, _sockets.Now);
            Flush();
            if (count == buffer.Length)
            {
                return ValueTask.CompletedTask;
            }

            ThrowIfFailed();
            _sendFrom = buffer[count..];
            _send.Begin(cancellationToken);
            var result = new ValueTask(_send, _send.Version);
            Complete();
            return result;
        }
    }

    /// <summary>Closes: what was sent still arrives, unless <see cref="AbortOnDispose"/> was called. Does not wait for that.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (_abortsOnDispose)
            {
                _connection.Abort();
            }
            else
            {
                _connection.Finish(_sockets.Now);
            }

            Complete();
            Flush();
        }
    }

    /// <summary>Ends when the peer has answered.</summary>
    /// <exception cref="SocketException">It has not.</exception>
    internal Task OpenAsync()
    {
        lock (_lock)
        {
            _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Flush();
            return _opened.Task;
        }
    }

    /// <summary>A packet came. What is to be sent because of it waits for <see cref="Touched"/>.</summary>
    internal void Received(UtpPacket packet)
    {
        lock (_lock)
        {
            _connection.Received(packet, _sockets.Now);
            Complete();
        }
    }

    /// <summary>All packets that had arrived were processed: sends what is to be sent.</summary>
    internal void Touched()
    {
        lock (_lock)
        {
            Flush();
        }
    }

    /// <summary>Something is due.</summary>
    internal void Due()
    {
        lock (_lock)
        {
            _connection.Due(_sockets.Now);
            Complete();
            Flush();
        }
    }

    /// <summary>The session ends: nothing is waited for any more.</summary>
    internal void Abandon()
    {
        lock (_lock)
        {
            _isDisposed = true;
            if (!_connection.IsDone)
            {
                _connection.Abort();
            }

            Complete();
            Flush();
        }
    }

    /// <summary>Completes what waits, as far as it can be.</summary>
    private void Complete()
    {
        if (_opened is not null && (_connection.IsOpen || _connection.Failure is not null))
        {
            CompleteOpening(_opened);
            _opened = null;
        }

        if (_send.IsPending)
        {
            CompleteSend();
        }

        if (_receive.IsPending)
        {
            CompleteReceive();
        }
    }

    private void CompleteOpening(TaskCompletionSource opened)
    {
        if (_connection.Failure is { } failure)
        {
            opened.SetException(new SocketException((int)failure));
        }
        else
        {
            opened.SetResult();
        }
    }

    private void CompleteSend()
    {
        if (Ending() is { } error)
        {
            _sendFrom = default;
            _send.Fail(error);
            return;
        }

        _sendFrom = _sendFrom[_connection.Write(_sendFrom.Span, _sockets.Now)..];
        if (_sendFrom.IsEmpty)
        {
            _sendFrom = default;
            _send.Complete(0);
        }
    }

    private void CompleteReceive()
    {
        var readable = _connection.Readable;
        if (
            !_isDisposed
            && (
                _connection.HasPeerEnded
                || readable >= Math.Min(_expected, WakesAnyway)
                || (readable > 0 && _connection.Failure is not null)
            )
        )
        {
            var count = _connection.Read(_receiveInto.Span);
            _receiveInto = default;
            _receive.Complete(count);
        }
        else if (Ending() is { } error)
        {
            _receiveInto = default;
            _receive.Fail(error);
        }
    }

    private Exception? Ending()
    {
        if (_isDisposed)
        {
            return new ObjectDisposedException(nameof(UtpTransport));
        }

        return _connection.Failure is { } failure ? new SocketException((int)failure) : null;
    }

    private void ThrowIfFailed()
    {
        if (_connection.Failure is { } failure)
        {
            throw new SocketException((int)failure);
        }
    }

    private void Cancelled(PendingOperation operation, CancellationToken token)
    {
        lock (_lock)
        {
            if (operation.IsPending && operation.Token == token)
            {
                operation.Fail(new OperationCanceledException(token));
            }
        }
    }

    private void Flush()
    {
        var packet = _scratch ??= new byte[LongestPacket];
        var now = _sockets.Now;
        while (_connection.TryTake(packet, now, out var length))
        {
            if (!_sockets.TrySend(packet.AsSpan(0, length), Remote))
            {
                _connection.NotSent(now);
            }
        }

        if (!_connection.IsDone)
        {
            Arm();
            return;
        }

        if (!_isForgotten)
        {
            _isForgotten = true;
            Volatile.Write(ref _dueAt, long.MaxValue);
            _sockets.Forget(this);
        }

        if (_isDisposed)
        {
            _connection.Release();
        }
    }

    private void Arm()
    {
        var due = _connection.DueAt;
        Volatile.Write(ref _dueAt, due);
        _sockets.Arm(due);
    }
}
