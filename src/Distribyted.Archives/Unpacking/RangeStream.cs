namespace Distribyted.Archives.Unpacking;

/// <summary>So many bytes of another stream, from where it stands. The other one stays open, and is not read by others meanwhile.</summary>
internal sealed class RangeStream(Stream whole, long length) : ForwardStream
{
    private long _left = length;

    /// <summary>Bytes that were not read yet.</summary>
    public long Left => _left;

    protected override int ReadNext(Span<byte> buffer)
    {
        var read = whole.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }
}
