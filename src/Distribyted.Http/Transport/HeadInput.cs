using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace Distribyted.Http.Transport;

/// <summary>The receiving half of a connection, with heads that are not ASCII rewritten (<see cref="NonAsciiHead"/>). All else passes by untouched, and uncopied.</summary>
/// <remarks>Which bytes are a head is not guessed: the server has consumed exactly a head when its request begins, and says then how long the body is
/// (<see cref="IHeadInput"/>). A body of unknown length (chunked) ends the rewriting for this connection. As every <see cref="PipeReader"/> for one reader at a time.</remarks>
internal sealed class HeadInput(PipeReader inner) : PipeReader, IHeadInput
{
    private Part _part = Part.RequestLine;
    private long _body; // bytes of it that were not consumed yet
    private ReadOnlySequence<byte> _shown; // what the last read has returned
    private ReadOnlyMemory<byte> _own; // bytes that were taken out of the pipe, since some of them were rewritten
    private bool _wantsMore; // all of them were looked at

    private enum Part
    {
        RequestLine,
        Headers,

        /// <summary>The head is over, and its request has not begun.</summary>
        Between,
        Body,

        /// <summary>No longer known.</summary>
        Unknown,
    }

    private bool IsHead => _part is Part.RequestLine or Part.Headers;

    public void BodyFollows(long? body)
    {
        if (_part == Part.Between)
        {
            _body = body ?? 0;
            _part =
                body is null ? Part.Unknown
                : body > 0 ? Part.Body
                : Part.RequestLine;
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_own.IsEmpty || _wantsMore)
        {
            if (!inner.TryRead(out result))
            {
                return false;
            }

            result = Show(result);
            return true;
        }

        result = ShowOwn(isCanceled: false, isCompleted: false);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!_own.IsEmpty && !_wantsMore)
        {
            return ValueTask.FromResult(ShowOwn(isCanceled: false, isCompleted: false));
        }

        var read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? ValueTask.FromResult(Show(read.Result)) : WaitAsync(read);
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        AdvanceTo(consumed, consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_part is not (Part.Between or Part.Unknown))
        {
            Count(_shown.Slice(0, consumed));
        }

        if (_own.IsEmpty)
        {
            _shown = default;
            inner.AdvanceTo(consumed, examined);
            return;
        }

        _wantsMore = _shown.Slice(examined).IsEmpty;
        _own = _own[(int)_shown.Slice(0, consumed).Length..];
        _shown = default;
    }

    public override void CancelPendingRead()
    {
        inner.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        inner.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        return inner.CompleteAsync(exception);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        return Show(await read);
    }

    private ReadResult Show(ReadResult read)
    {
        if (!_own.IsEmpty)
        {
            _own = (byte[])[.. _own.Span, .. read.Buffer.ToArray()];
            inner.AdvanceTo(read.Buffer.End);
            return ShowOwn(read.IsCanceled, read.IsCompleted);
        }

        if (IsHead && !IsAscii(read.Buffer) && NonAsciiHead.Rewrite(read.Buffer.ToArray(), _part == Part.RequestLine) is { } rewritten)
        {
            _own = rewritten;
            inner.AdvanceTo(read.Buffer.End);
            return ShowOwn(read.IsCanceled, read.IsCompleted);
        }

        _shown = read.Buffer;
        return read;
    }

    private ReadResult ShowOwn(bool isCanceled, bool isCompleted)
    {
        if (IsHead && NonAsciiHead.Rewrite(_own.Span, _part == Part.RequestLine) is { } rewritten)
        {
            _own = rewritten;
        }

        _wantsMore = false;
        _shown = new ReadOnlySequence<byte>(_own);
        return new ReadResult(_shown, isCanceled, isCompleted);
    }

    private void Count(ReadOnlySequence<byte> consumed)
    {
        if (_part == Part.Body)
        {
            _body -= consumed.Length;
            _part = _body > 0 ? Part.Body : Part.RequestLine;
            return;
        }

        if (_part == Part.RequestLine && HasText(consumed))
        {
            _part = Part.Headers;
        }

        if (_part == Part.Headers && EndsInEmptyLine(consumed))
        {
            _part = Part.Between;
        }
    }

    private static bool HasText(ReadOnlySequence<byte> bytes)
    {
        foreach (var memory in bytes)
        {
            if (memory.Span.ContainsAnyExcept((byte)'\r', (byte)'\n'))
            {
                return true;
            }
        }

        return false;
    }

    // The server consumes whole lines: what it consumed ends in an empty one, or is one, only at the end of the head.
    private static bool EndsInEmptyLine(ReadOnlySequence<byte> consumed)
    {
        Span<byte> last = stackalloc byte[3];
        var length = (int)Math.Min(consumed.Length, last.Length);
        last = last[..length];
        consumed.Slice(consumed.Length - length).CopyTo(last);
        return last.SequenceEqual("\n\r\n"u8) || last.SequenceEqual("\r\n"u8) || last.EndsWith("\n\n"u8) || last.SequenceEqual("\n"u8);
    }

    private static bool IsAscii(ReadOnlySequence<byte> bytes)
    {
        foreach (var memory in bytes)
        {
            if (!Ascii.IsValid(memory.Span))
            {
                return false;
            }
        }

        return true;
    }
}
