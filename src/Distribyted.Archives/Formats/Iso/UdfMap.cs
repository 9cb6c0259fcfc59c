using System.Collections.Immutable;
using System.Text;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>How blocks of one partition of a logical volume become places in the image.</summary>
internal sealed class UdfMap
{
    private readonly long _start;
    private readonly long _blocks;
    private readonly ImmutableArray<StoredRange> _content;

    private UdfMap(int number, uint? metadataFile, long start, long blocks, ImmutableArray<StoredRange> content)
    {
        (Number, MetadataFile, _start, _blocks, _content) = (number, metadataFile, start, blocks, content);
    }

    /// <summary>The partition that it is in.</summary>
    public int Number { get; }

    /// <summary>The block of the file whose content this partition is; null: it is a part of the image.</summary>
    public uint? MetadataFile { get; }

    public static UdfMap Parse(ReadOnlySpan<byte> map, Dictionary<int, (long Start, long Length)> partitions)
    {
        var isPlain = map[0] == 1;
        var number =
            isPlain ? UdfSpan.UInt16(map, 4)
            : map.Length >= 64 ? UdfSpan.UInt16(map, 38)
            : throw NotKnown("an unknown kind");
        if (!partitions.TryGetValue(number, out var partition))
        {
            throw new ArchiveException(ArchiveFailure.Damaged, $"The disc image has no partition {number}.");
        }

        var kind = isPlain ? "" : Encoding.ASCII.GetString(map[5..28]).TrimEnd('\0');
        return kind switch
        {
            // Blocks that could not be written are elsewhere on the disc; an image of it has none.
            "" or "*UDF Sparable Partition" => new UdfMap(number, null, partition.Start, partition.Length, []),
            "*UDF Metadata Partition" => new UdfMap(number, UdfSpan.UInt32(map, 40), 0, 0, []),
            _ => throw NotKnown(kind),
        };
    }

    public UdfMap WithContent(ImmutableArray<StoredRange> content)
    {
        return new UdfMap(Number, MetadataFile, 0, 0, content);
    }

    /// <summary>The places of consecutive blocks. What is not in the partition is at -1.</summary>
    public IEnumerable<(long Offset, long Length)> Pieces(uint block, long length, int blockLength)
    {
        if (MetadataFile is null)
        {
            yield return (block < _blocks ? (_start + block) * blockLength : -1, length);
            yield break;
        }

        var from = (long)block * blockLength;
        foreach (var range in _content)
        {
            if (length > 0 && from < range.Length)
            {
                var part = Math.Min(length, range.Length - from);
                yield return (range.Offset + from, part);
                (from, length) = (0, length - part);
            }
            else
            {
                from -= length > 0 ? range.Length : 0;
            }
        }

        if (length > 0)
        {
            yield return (-1, length);
        }
    }

    private static ArchiveException NotKnown(string kind)
    {
        return new ArchiveException(ArchiveFailure.NotSupported, $"The disc image has a partition of {kind}.");
    }
}
