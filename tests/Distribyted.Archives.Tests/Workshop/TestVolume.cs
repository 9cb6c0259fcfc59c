namespace Distribyted.Archives.Tests.Workshop;

/// <summary>A file that a test writes piece by piece. It may have holes that cost no memory and read as zeros.</summary>
internal sealed class TestVolume(string name)
{
    private readonly List<(long Start, byte[]? Bytes, long Length)> _parts = [];

    public string Name { get; } = name;

    public long Length { get; private set; }

    /// <summary>What was added, in order; null bytes are a hole.</summary>
    public IReadOnlyList<(long Start, byte[]? Bytes, long Length)> Parts => _parts;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        AddShared(bytes.ToArray());
    }

    /// <summary>Without a copy: nothing may change these bytes any more.</summary>
    public void AddShared(byte[] bytes)
    {
        _parts.Add((Length, bytes, bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Block by block; those of zeros become holes.</summary>
    public void AddBlocks(ReadOnlySpan<byte> bytes, int blockLength)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(blockLength, bytes.Length)..])
        {
            var block = bytes[..Math.Min(blockLength, bytes.Length)];
            if (block.ContainsAnyExcept((byte)0))
            {
                Add(block);
            }
            else
            {
                AddHole(block.Length);
            }
        }
    }

    public void AddHole(long length)
    {
        _parts.Add((Length, null, length));
        Length += length;
    }

    public int Read(long offset, Span<byte> destination)
    {
        var count = (int)Math.Clamp(Length - offset, 0, destination.Length);
        destination[..count].Clear();
        foreach (var (start, bytes, length) in _parts)
        {
            var (from, to) = (Math.Max(start, offset), Math.Min(start + length, offset + count));
            if (bytes is not null && from < to)
            {
                bytes.AsSpan((int)(from - start), (int)(to - from)).CopyTo(destination[(int)(from - offset)..]);
            }
        }

        return count;
    }

    /// <summary>The same bytes in one part.</summary>
    public TestVolume Whole()
    {
        var whole = new TestVolume(Name);
        whole.Add(ToArray());
        return whole;
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }
}
