using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.FileSystem;
using Distribyted.Platform;

namespace Distribyted.Http.Transport;

/// <summary>The sending half of a connection without a pipe in between: a flush hands the bytes to the socket on the thread that wrote them, and
/// bytes of files go from the page cache into the socket by reference.</summary>
/// <remarks>As every <see cref="PipeWriter"/> for one writer at a time. Holds memory only between a write and its flush. A flush that is cancelled or
/// fails ends the connection for good: how much was sent is not known.</remarks>
internal sealed class DirectOutput(Socket socket, Pacing pacing) : PipeWriter, IFileOutput
{
    private const int BlockLength = 16 * 1024;

    private readonly bool _isHere = Pacing.IsHere(socket);
    private readonly Queue<ArraySegment<byte>> _full = new();
    private byte[] _block = [];
    private int _start;
    private int _end;
    private int _sentAhead;
    private bool _isSending;
    private volatile bool _isOver;
    private byte[]? _paced; // what the system did before we took it away

    public bool IsOver => _isOver;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _full.Sum(static block => (long)block.Count) + _end - _start;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_sentAhead > 0)
        {
            return AlreadySentMemory.Instance.Of(_sentAhead);
        }

        var wanted = Math.Max(1, sizeHint);
        if (_block.Length - _end < wanted)
        {
            if (_end > _start)
            {
                _full.Enqueue(new ArraySegment<byte>(_block, _start, _end - _start));
            }
            else
            {
                Return(_block);
            }

            _block = LargeBuffers.Rent(Math.Max(wanted, BlockLength));
            _start = _end = 0;
        }

        return _block.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        return GetMemory(sizeHint).Span;
    }

    public override void Advance(int bytes)
    {
        if (_sentAhead > 0)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(bytes, _sentAhead);
            _sentAhead = 0;
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _block.Length - _end);
        _end += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isOver || (_full.Count == 0 && _end == _start))
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: _isOver));
        }

        return SendAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        throw new NotSupportedException("Cancel the flush by its token.");
    }

    public override void Complete(Exception? exception = null)
    {
        _isOver = true;
        if (!_isSending)
        {
            Release();
        }
    }

    public int TrySend(in PinnedBytes pinned, bool more)
    {
        if (_isOver || _full.Count > 0)
        {
            return -1;
        }

        try
        {
            return TrySendNow(pinned, more);
        }
        catch (ObjectDisposedException) when (socket.SafeHandle.IsClosed)
        {
            _isOver = true; // Kestrel has cut the connection
            return -1;
        }
    }

    public void Cut()
    {
        _isOver = true;
        _sentAhead = 0;
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    public bool IsPlaceholder(ReadOnlyMemory<byte> memory)
    {
        return MemoryMarshal.TryGetMemoryManager<byte, AlreadySentMemory>(memory, out _);
    }

    private int TrySendNow(in PinnedBytes pinned, bool more)
    {
        if (_isHere && pacing.IsWanted == (_paced is not null))
        {
            ChangePacing();
        }

        if (_end > _start)
        {
            var head = NativeSend.Send(socket.SafeHandle, _block.AsSpan(_start, _end - _start), more: true);
            _start += Math.Max(0, head);
            if (_start < _end)
            {
                return Math.Min(0, head);
            }

            Release();
        }

        var sent = pinned.File is { } file
            ? NativeSend.SendFile(socket.SafeHandle, file, pinned.Position, pinned.Length)
            : NativeSend.Send(socket.SafeHandle, pinned.Memory.Span, more);
        _sentAhead = Math.Max(0, sent);
        return sent;
    }

    private void ChangePacing()
    {
        if (_paced is null)
        {
            _paced = Pacing.Read(socket);
            Pacing.Set(socket, []);
        }
        else
        {
            Pacing.Set(socket, _paced);
            _paced = null;
        }
    }

    private static void Return(byte[] block)
    {
        if (block.Length > 0)
        {
            LargeBuffers.Return(block);
        }
    }

    private async ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        _isSending = true;
        try
        {
            while (_full.TryPeek(out var block))
            {
                var sent = Math.Max(0, NativeSend.Send(socket.SafeHandle, block, more: true));
                await SendAsync(block[sent..], cancellationToken);
                _full.Dequeue();
                Return(block.Array!);
            }

            await SendAsync(_block.AsMemory(_start, _end - _start), cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _isOver = true; // the other side has gone, or Kestrel has cut it
        }
        catch
        {
            _isOver = true;
            throw;
        }
        finally
        {
            _isSending = false;
            Release();
        }

        return new FlushResult(isCanceled: false, isCompleted: _isOver);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var sent = await socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
            bytes = bytes[sent..];
        }
    }

    private void Release()
    {
        while (_full.TryDequeue(out var block))
        {
            Return(block.Array!);
        }

        Return(_block);
        _block = [];
        _start = _end = 0;
    }
}
