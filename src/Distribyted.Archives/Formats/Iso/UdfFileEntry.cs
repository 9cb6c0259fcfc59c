using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>Reads the fields of a file entry of UDF and its list of extents.</summary>
internal static class UdfFileEntry
{
    private const int ShortLength = 8;
    private const int LongLength = 16;
    private const int ExtendedLength = 20;

    // Where the content is in the entry itself.
    private const int InEntry = 3;

    /// <param name="bytes">The block of the entry.</param>
    /// <param name="partition">In which short extents are.</param>
    /// <param name="address">Of the block, bytes from the start of the image.</param>
    /// <returns>The file, how its extents are written, and where further ones are.</returns>
    public static (UdfFile File, int Kind, (int Partition, uint Block)? Next) Parse(ReadOnlySpan<byte> bytes, int partition, long address)
    {
        // The fixed part of the two kinds differs by the size of all streams and the time of creation.
        var (time, attributesLength, fixedLength) = UdfSpan.TagOf(bytes) switch
        {
            UdfSpan.FileEntry => (84, 168, 176),
            UdfSpan.ExtendedFileEntry => (92, 208, 216),
            _ => throw Damaged("has no file entry where a folder names one"),
        };
        var length = UdfSpan.UInt64(bytes, 56);
        var kind = UdfSpan.UInt16(bytes, 34) & 7;
        var start = fixedLength + (long)UdfSpan.UInt32(bytes, attributesLength);
        var listLength = UdfSpan.UInt32(bytes, attributesLength + 4);
        if (length > long.MaxValue || start + listLength > bytes.Length || (kind == InEntry && length > listLength))
        {
            throw Damaged("has a file entry that contradicts itself");
        }

        var (extents, next) = kind == InEntry ? ([], null) : List(bytes.Slice((int)start, (int)listLength), partition, kind);
        var file = new UdfFile(bytes[27], (long)length, UdfSpan.Time(bytes[time..]), extents, kind == InEntry ? address + start : null);
        return (file, kind, next);
    }

    /// <summary>Further extents, in a block of their own.</summary>
    public static (ImmutableArray<UdfExtent> Extents, (int Partition, uint Block)? Next) ParseMore(
        ReadOnlySpan<byte> bytes,
        int partition,
        int kind
    )
    {
        const int Start = 24;
        var length = UdfSpan.UInt32(bytes, 20);
        return UdfSpan.TagOf(bytes) == UdfSpan.AllocationExtent && length <= bytes.Length - Start
            ? List(bytes.Slice(Start, (int)length), partition, kind)
            : throw Damaged("has a damaged list of extents");
    }

    private static (ImmutableArray<UdfExtent> Extents, (int Partition, uint Block)? Next) List(
        ReadOnlySpan<byte> list,
        int partition,
        int kind
    )
    {
        var size = kind switch
        {
            0 => ShortLength,
            1 => LongLength,
            2 => ExtendedLength,
            _ => throw Damaged("has a list of extents of an unknown kind"),
        };
        var extents = ImmutableArray.CreateBuilder<UdfExtent>();
        for (; list.Length >= size; list = list[size..])
        {
            // The two highest bits: written, reserved, neither, or where the list goes on.
            var (length, type) = (UdfSpan.UInt32(list, 0) & 0x3FFF_FFFF, UdfSpan.UInt32(list, 0) >> 30);
            var place = size == ExtendedLength ? 12 : 4;
            var (block, reference) = (UdfSpan.UInt32(list, place), size == ShortLength ? partition : UdfSpan.UInt16(list, place + 4));
            if (length == 0)
            {
                break;
            }

            if (type == 3)
            {
                return (extents.ToImmutable(), (reference, block));
            }

            extents.Add(new UdfExtent(reference, block, length, IsHole: type != 0));
        }

        return (extents.ToImmutable(), null);
    }

    private static ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"The disc image {what}.");
    }
}
