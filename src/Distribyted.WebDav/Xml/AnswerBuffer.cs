using System.IO.Pipelines;

namespace Distribyted.WebDav.Xml;

/// <summary>Fills the memory of a response's pipe in large pieces.</summary>
internal sealed class AnswerBuffer(PipeWriter pipe)
{
    private const int PieceLength = 64 * 1024;

    private Memory<byte> _memory;
    private int _used;
    private int _handedOver;

    /// <summary>Bytes written since the last flush.</summary>
    public int Pending => _handedOver + _used;

    /// <summary>Room for at least so many bytes.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_memory.Length - _used < length)
        {
            HandOver();
            _memory = pipe.GetMemory(Math.Max(length, PieceLength));
        }

        return _memory.Span[_used..];
    }

    /// <summary>So many bytes of the room are written.</summary>
    public void Advance(int length)
    {
        _used += length;
    }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _used += bytes.Length;
    }

    /// <summary>Sends what is written; waits while the client is slow.</summary>
    /// <returns>False: nobody reads any more.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        HandOver();
        _handedOver = 0;
        return !(await pipe.FlushAsync(cancellationToken)).IsCompleted;
    }

    private void HandOver()
    {
        if (_used > 0)
        {
            pipe.Advance(_used);
            _handedOver += _used;
        }

        _used = 0;
        _memory = default;
    }
}
