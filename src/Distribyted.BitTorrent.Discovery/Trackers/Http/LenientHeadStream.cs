namespace Distribyted.BitTorrent.Discovery.Trackers.Http;

/// <summary>A connection of an HTTP/1.1 client to a tracker: one bad line in the head of a response does not cost the response.</summary>
/// <remarks>Used by one client, which sends a whole request before it reads the response. Owns the inner stream.</remarks>
internal sealed class LenientHeadStream(Stream inner) : Stream
{
    private const int MaxHead = 16 * 1024;

    private byte[] _head = [];
    private int _start;
    private int _end;
    private volatile bool _expectsHead;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            if (read == 0 || !_expectsHead) // asked now: the client waits for bytes before it sends its next request, too
            {
                return read;
            }

            _expectsHead = false;
            await ReadHeadAsync(buffer[..read], cancellationToken);
        }

        var length = Math.Min(buffer.Length, _end - _start);
        _head.AsSpan(_start, length).CopyTo(buffer.Span);
        _start += length;
        if (_start == _end)
        {
            _head = [];
            (_start, _end) = (0, 0);
        }

        return length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _expectsHead = true;
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        return inner.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        inner.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        throw new NotSupportedException();
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        throw new NotSupportedException();
    }

    public override void SetLength(long value)
    {
        throw new NotSupportedException();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Reads the rest of a head and repairs it. Bytes that are not HTTP, or a head without an end, are passed on as they are.</summary>
    private async ValueTask ReadHeadAsync(ReadOnlyMemory<byte> first, CancellationToken cancellationToken)
    {
        _head = new byte[Math.Max(MaxHead, first.Length)];
        first.CopyTo(_head);
        _end = first.Length;
        int end;
        while ((end = HttpHeadRepair.EndOf(_head.AsSpan(0, _end))) < 0 && _end < _head.Length)
        {
            var read = await inner.ReadAsync(_head.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return;
            }

            _end += read;
        }

        if (end > 0 && _head.AsSpan().StartsWith("HTTP/1."u8))
        {
            var length = HttpHeadRepair.RemoveBadLines(_head.AsSpan(0, end));
            _start = end - length;
            _head.AsSpan(0, length).CopyTo(_head.AsSpan(_start)); // what came behind the head stays where it is
        }
    }
}
