using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.SevenZip;

namespace Distribyted.Archives.Unpacking;

/// <summary>What the first block of an xz stream says of the memory that it needs (xz file format, sections 2.1.1 and 3.1).</summary>
internal static class XzHead
{
    private const int StreamHeader = 12;

    /// <summary>Checks that its memory was reserved.</summary>
    /// <param name="stream">At its start.</param>
    /// <param name="start">Has the memory.</param>
    /// <returns>The same bytes, from the start.</returns>
    /// <exception cref="ArchiveException">It was not.</exception>
    public static Stream Check(Stream stream, UnpackingStart start)
    {
        var at = stream.CanSeek ? stream.Position : 0;
        var head = new byte[StreamHeader + 1 + (255 * 4) + 3];
        var length = stream.ReadAtLeast(head.AsSpan(0, StreamHeader + 1), StreamHeader + 1, throwOnEndOfStream: false);
        if (length > StreamHeader && head[StreamHeader] != 0) // 0: an index, there are no blocks
        {
            var block = head.AsSpan(StreamHeader, (head[StreamHeader] + 1) * 4);
            length += stream.ReadAtLeast(block[1..], block.Length - 1, throwOnEndOfStream: false);
            start.Need(DictionaryOf(block));
        }

        if (stream.CanSeek)
        {
            stream.Position = at;
            return stream;
        }

        return new HeadStream(head.AsMemory(0, length), stream);
    }

    private static long DictionaryOf(ReadOnlySpan<byte> block)
    {
        var header = new HeaderSpan(block[1..^4]);
        var flags = header.Byte();
        Skip(ref header, (flags & 0x40) != 0);
        Skip(ref header, (flags & 0x80) != 0);
        var memory = 0L;
        for (var filters = (flags & 3) + 1; filters > 0; filters--)
        {
            var id = Number(ref header);
            var settings = header.Bytes(Number(ref header)).ToArray();
            memory += new Coder((ulong)id, 1, 1, settings).Memory; // LZMA2 has the same number here and in 7z
        }

        return memory;
    }

    private static void Skip(ref HeaderSpan header, bool isThere)
    {
        if (isThere)
        {
            _ = Number(ref header);
        }
    }

    public static long Number(ref HeaderSpan header)
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var part = header.Byte();
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new ArchiveException(ArchiveFailure.Damaged, "A header of xz has a number of more than nine bytes.");
    }
}
