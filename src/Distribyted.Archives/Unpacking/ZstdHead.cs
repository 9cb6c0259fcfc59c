using System.Buffers.Binary;

namespace Distribyted.Archives.Unpacking;

/// <summary>What the header of a zstd frame says of the memory that it needs (RFC 8878, section 3.1.1.1).</summary>
internal static class ZstdHead
{
    private const uint Magic = 0xFD2FB528;
    private const int MaxLength = 18;

    /// <summary>Checks that its memory was reserved.</summary>
    /// <param name="stream">At its start.</param>
    /// <param name="start">Has the memory.</param>
    /// <returns>The same bytes, from the start.</returns>
    /// <exception cref="Formats.ArchiveException">It was not.</exception>
    public static Stream Check(Stream stream, UnpackingStart start)
    {
        var head = new byte[MaxLength];
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        start.Need(WindowOf(head));
        return new HeadStream(head.AsMemory(0, length), stream);
    }

    private static long WindowOf(ReadOnlySpan<byte> head)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic)
        {
            return 0;
        }

        var descriptor = head[4];
        var isSingle = (descriptor & 0x20) != 0;
        if (!isSingle)
        {
            var window = 1L << (10 + (head[5] >> 3));
            return window + (window / 8 * (head[5] & 7));
        }

        // One segment: the window is as long as the content.
        var size = head[(5 + ((descriptor & 3) == 3 ? 4 : descriptor & 3))..];
        var length = (descriptor >> 6) switch
        {
            0 => size[0],
            1 => 256 + BinaryPrimitives.ReadUInt16LittleEndian(size),
            2 => BinaryPrimitives.ReadUInt32LittleEndian(size),
            _ => size.Length < 8 ? long.MaxValue : (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(size), long.MaxValue),
        };
        return length;
    }
}
