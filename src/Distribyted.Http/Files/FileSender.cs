using System.IO.Pipelines;
using Distribyted.FileSystem;
using Distribyted.Http.Listeners;
using Distribyted.Http.Telemetry;
using Distribyted.Http.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Files;

/// <summary>Moves bytes from a reader into the response pipe: read straight into the pipe's memory, never copied.</summary>
/// <remarks>256 KiB at a time is twice as fast as 64 (measured); a short read is flushed at once. The flush is the brake:
/// a slow client stands still here, and so does everything behind it.</remarks>
internal sealed class FileSender : IDisposable
{
    private const int ChunkLength = 256 * 1024;
    private const int PageLength = 4096;

    /// <summary>How long a client may take nothing at all: pauses of players are normal, dead ones are not for ever.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromHours(1);

    private readonly HttpContext _context;
    private readonly FileReader _reader;
    private readonly PipeWriter _pipe;
    private readonly CancellationTokenSource _idle;
    private readonly HttpAccessMetrics? _metrics;
    private readonly Listener _listener;
    private IFileOutput? _output;
    private bool _isHeadSent;

    public FileSender(HttpContext context, FileReader reader, TimeProvider time, HttpAccessMetrics? metrics)
    {
        _context = context;
        _reader = reader;
        _metrics = metrics;
        _listener = context.Listener();
        _pipe = context.Response.BodyWriter;
        _output = context.Features.Get<IFileOutput>();
        _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Bytes of body handed to the client so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Whether the client ran into the idle limit.</summary>
    public bool IsIdle => _idle.IsCancellationRequested;

    /// <summary>Sends everything.</summary>
    /// <exception cref="FileSystemException">The bytes do not come.</exception>
    /// <exception cref="ConnectionAbortedException">The client is gone.</exception>
    /// <exception cref="OperationCanceledException">The client is gone or idle.</exception>
    public async Task SendAsync(FileBody body)
    {
        await _context.Response.StartAsync(_context.RequestAborted);
        if (body.Multipart is not { } multipart)
        {
            await SendAsync(body.First);
            return;
        }

        for (var i = 0; i < body.All!.Count; i++)
        {
            await SendAsync(multipart.Head(i));
            await SendAsync(body.All[i]);
        }

        await SendAsync(multipart.Tail);
        await FlushAsync();
    }

    public void Dispose()
    {
        _idle.Dispose();
    }

    private async ValueTask SendAsync(ByteRange range)
    {
        var offset = range.Offset;
        var left = range.Length;
        while (left > 0)
        {
            var most = ChunkLength;
            if (_output is not null)
            {
                var (sent, isFull) = SendPinned(_output, offset, left);
                offset += sent;
                left -= sent;
                if (sent > 0 && !isFull)
                {
                    continue;
                }

                most = isFull ? PageLength : ChunkLength;
            }

            if (left > 0)
            {
                var read = await CopyAsync(offset, (int)Math.Min(left, most), left);
                offset += read;
                left -= read;
            }
        }
    }

    // What lies in memory or on disk goes from there into the socket. A socket that is full is waited for with one page in the common way.
    private (int Sent, bool IsFull) SendPinned(IFileOutput output, long offset, long left)
    {
        _context.RequestAborted.ThrowIfCancellationRequested();
        using var pinned = _reader.Pin(offset, left);
        if (pinned.Length == 0)
        {
            return default;
        }

        var sent = output.TrySend(_pipe, pinned, more: false); // the next piece may be far away
        if (sent < 0)
        {
            _output = output.IsOver ? throw ClientLeft() : null;
            return default;
        }

        if (sent > 0)
        {
            _isHeadSent = true;
            _reader.Sent(offset, sent);
            Count(sent);
        }

        return (sent, sent < pinned.Length);
    }

    private async ValueTask<int> CopyAsync(long offset, int most, long left)
    {
        await FlushHeadAsync();
        var memory = _pipe.GetMemory(most);
        var read = await _reader.ReadAsync(memory[..Math.Min(most, memory.Length)], offset, _context.RequestAborted);
        if (read <= 0)
        {
            throw new FileSystemException(FileSystemFailure.Corrupt, $"The file ends at {offset}, {left} bytes before what it promised.");
        }

        _pipe.Advance(read);
        Count(read);
        await FlushAsync();
        return read;
    }

    // The head leaves before the first byte is here.
    private ValueTask FlushHeadAsync()
    {
        if (_isHeadSent)
        {
            return ValueTask.CompletedTask;
        }

        _isHeadSent = true;
        return FlushAsync();
    }

    private void Count(int bytes)
    {
        Sent += bytes;
        _metrics?.Sent(_listener, bytes);
    }

    private ValueTask SendAsync(byte[] frame)
    {
        frame.CopyTo(_pipe.GetSpan(frame.Length));
        _pipe.Advance(frame.Length);
        Sent += frame.Length;
        return ValueTask.CompletedTask;
    }

    private ValueTask FlushAsync()
    {
        var flush = _pipe.FlushAsync(_idle.Token);
        if (flush.IsCompletedSuccessfully)
        {
            CheckFlush(flush.Result);
            return ValueTask.CompletedTask;
        }

        return WaitAsync(flush);
    }

    private async ValueTask WaitAsync(ValueTask<FlushResult> flush)
    {
        _idle.CancelAfter(IdleLimit);
        var result = await flush;
        _idle.CancelAfter(Timeout.InfiniteTimeSpan);
        CheckFlush(result);
    }

    private void CheckFlush(FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw ClientLeft();
        }

        if (result.IsCanceled)
        {
            throw new OperationCanceledException(_idle.Token);
        }
    }

    // RequestAborted says so a moment later.
    private static ConnectionAbortedException ClientLeft()
    {
        return new ConnectionAbortedException("The client has closed the connection.");
    }
}
