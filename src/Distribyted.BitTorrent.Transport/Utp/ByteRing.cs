using System.Buffers;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>Bytes that are written at one end and read at the other. It grows up to a limit, and has no memory while it is empty. Not safe for use by several threads.</summary>
/// <param name="most">Most bytes that it holds.</param>
internal sealed class ByteRing(int most)
{
    private const int Least = 16 * 1024;

    private byte[] _bytes = [];
    private int _start;

    public int Count { get; private set; }

    public int Free => most - Count;

    /// <summary>Takes as many bytes as there is room for.</summary>
    /// <returns>Bytes taken.</returns>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(bytes.Length, Free);
        if (count == 0)
        {
            return 0;
        }

        Ensure(Count + count);
        var end = (_start + Count) & (_bytes.Length - 1);
        var first = Math.Min(count, _bytes.Length - end);
        bytes[..first].CopyTo(_bytes.AsSpan(end));
        bytes[first..count].CopyTo(_bytes);
        Count += count;
        return count;
    }

    /// <summary>Copies and removes the oldest bytes.</summary>
    /// <returns>Bytes copied.</returns>
    public int Read(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Count);
        Peek(0, destination[..count]);
        Remove(count);
        return count;
    }

    /// <summary>Copies bytes that stay.</summary>
    /// <param name="offset">From the oldest one.</param>
    /// <param name="destination">Is filled.</param>
    public void Peek(int offset, Span<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        var from = (_start + offset) & (_bytes.Length - 1);
        var first = Math.Min(destination.Length, _bytes.Length - from);
        _bytes.AsSpan(from, first).CopyTo(destination);
        _bytes.AsSpan(0, destination.Length - first).CopyTo(destination[first..]);
    }

    /// <summary>Removes the oldest bytes.</summary>
    public void Remove(int count)
    {
        Count -= count;
        if (Count == 0)
        {
            Clear();
        }
        else
        {
            _start = (_start + count) & (_bytes.Length - 1);
        }
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, _start, Count) = ([], 0, 0);
    }

    private void Ensure(int length)
    {
        if (length <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, Least)));
        Peek(0, larger.AsSpan(0, Count));
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, _start) = (larger, 0);
    }
}
