namespace Distribyted.Archives.Spools;

/// <summary>A volume, or several that are pieces of one file, as a stream that can seek. Reads block.</summary>
internal sealed class VolumeStream : Stream
{
    private readonly BlockInput _input;
    private readonly int _first;
    private readonly long[] _starts; // of each piece, and where the last one ends

    public VolumeStream(BlockInput input, int first, int count)
    {
        _input = input;
        _first = first;
        _starts = new long[count + 1];
        for (var i = 0; i < count; i++)
        {
            _starts[i + 1] = _starts[i] + input.LengthOf(first + i);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _starts[^1];

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        if (Position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        var found = Array.BinarySearch(_starts, Position);
        var piece = found >= 0 ? found : ~found - 1;
        while (_starts[piece + 1] == Position)
        {
            piece++; // an empty one
        }

        var read = _input.Read(_first + piece, Position - _starts[piece], buffer);
        Position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        return Read(buffer.AsSpan(offset, count));
    }

    // That of Stream makes an array for each byte.
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };
        return target >= 0 ? Position = target : throw new IOException("A position before the start.");
    }

    public override void Flush() { }

    public override void SetLength(long value)
    {
        throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        throw new NotSupportedException();
    }
}
