namespace Distribyted.Archives.Unpacking;

/// <summary>A stream that is read forwards. Derive from it and override <see cref="ReadNext"/>.</summary>
internal abstract class ForwardStream : Stream
{
    private long _position;

    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => _position; // decoders of xz pad by it
        set => throw new NotSupportedException();
    }

    public sealed override int Read(Span<byte> buffer)
    {
        var read = ReadNext(buffer);
        _position += read;
        return read;
    }

    public sealed override int Read(byte[] buffer, int offset, int count)
    {
        return Read(buffer.AsSpan(offset, count));
    }

    // That of Stream makes an array for each byte.
    public sealed override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public sealed override long Seek(long offset, SeekOrigin origin)
    {
        throw new NotSupportedException();
    }

    public sealed override void SetLength(long value)
    {
        throw new NotSupportedException();
    }

    public sealed override void Flush() { }

    public sealed override void Write(byte[] buffer, int offset, int count)
    {
        throw new NotSupportedException();
    }

    /// <summary>Reads on.</summary>
    /// <returns>Bytes read; 0: the end.</returns>
    protected abstract int ReadNext(Span<byte> buffer);
}
