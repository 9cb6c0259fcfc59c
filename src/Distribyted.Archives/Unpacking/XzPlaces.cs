using System.Buffers.Binary;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking;

/// <summary>Where the blocks of an xz file begin: each stream has an index at its end (xz file format, sections 2.1.2 and 4). Programs that use several processors write
/// many blocks; others write one.</summary>
internal static class XzPlaces
{
    public const int HeaderLength = 12;

    private const int FooterLength = 12;
    private const int MaxIndex = 16 << 20;
    private const int MaxBlocks = 200_000;
    private const int MaxStreams = 1024; // each takes reads of its own
    private const int MaxPadding = 16 * 1024;

    /// <summary>Reads the indexes, from the last stream to the first.</summary>
    /// <param name="file">The file, seekable; it stays open.</param>
    /// <returns>In order, the position of each block in what the file unpacks to; empty: there are too many.</returns>
    /// <exception cref="ArchiveException">An index is damaged.</exception>
    public static IReadOnlyList<(long Position, ISavedState State)> Read(Stream file)
    {
        var streams = new Stack<List<(long Unpacked, XzPlace Place)>>();
        var blocks = 0;
        for (var end = WithoutPadding(file, file.Length); end > 0; )
        {
            var stream = ReadStream(file, ref end);
            blocks += stream.Count;
            if (blocks > MaxBlocks || streams.Count == MaxStreams)
            {
                return [];
            }

            streams.Push(stream);
            end = WithoutPadding(file, end);
        }

        var places = new List<(long, ISavedState)>(blocks);
        var position = 0L;
        foreach (var (unpacked, place) in streams.SelectMany(static stream => stream))
        {
            places.Add((position, place));
            position = checked(position + unpacked);
        }

        return places;
    }

    private static List<(long Unpacked, XzPlace Place)> ReadStream(Stream file, ref long end)
    {
        Span<byte> footer = stackalloc byte[FooterLength];
        ReadAt(file, end - FooterLength, footer);
        var length = (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4;
        if (!footer.EndsWith("YZ"u8) || length > MaxIndex)
        {
            throw Damaged();
        }

        var index = new byte[length];
        ReadAt(file, end - FooterLength - length, index);
        var field = new HeaderSpan(index.AsSpan(0, (int)length - sizeof(uint)));
        if (
            field.Byte() != 0
            || Crc32.Of(index.AsSpan(0, (int)length - sizeof(uint)))
                != BinaryPrimitives.ReadUInt32LittleEndian(index.AsSpan((int)length - sizeof(uint)))
        )
        {
            throw Damaged();
        }

        var count = XzHead.Number(ref field);
        var sizes = new List<(long Packed, long Unpacked)>();
        var packed = 0L;
        for (var i = 0L; i < count; i++)
        {
            var size = (checked(XzHead.Number(ref field) + 3) & ~3L, XzHead.Number(ref field));
            packed = checked(packed + size.Item1);
            sizes.Add(size);
        }

        var start = end - FooterLength - length - packed - HeaderLength;
        if (start < 0)
        {
            throw Damaged();
        }

        var blocks = new List<(long, XzPlace)>(sizes.Count);
        var at = start + HeaderLength;
        foreach (var size in sizes)
        {
            blocks.Add((size.Unpacked, new XzPlace(start, at)));
            at += size.Packed;
        }

        end = start;
        return blocks;
    }

    // Zeros between streams and behind the last one come in fours.
    private static long WithoutPadding(Stream file, long end)
    {
        Span<byte> tail = stackalloc byte[(int)Math.Min(end, MaxPadding)];
        ReadAt(file, end - tail.Length, tail);
        var last = tail.LastIndexOfAnyExcept((byte)0);
        if (last < 0 && end > MaxPadding)
        {
            throw Damaged();
        }

        return end - ((tail.Length - 1 - last) & ~3);
    }

    private static void ReadAt(Stream file, long offset, Span<byte> destination)
    {
        file.Position = offset >= 0 ? offset : throw Damaged();
        file.ReadExactly(destination);
    }

    private static ArchiveException Damaged()
    {
        return new ArchiveException(ArchiveFailure.Damaged, "The index of an xz file is damaged.");
    }
}
