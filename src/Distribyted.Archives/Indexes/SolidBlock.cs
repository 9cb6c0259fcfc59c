using System.Collections.Immutable;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Spools;

namespace Distribyted.Archives.Indexes;

/// <summary>Entries that are decompressed together, in their order. An entry of its own is such a block, too.</summary>
internal sealed class SolidBlock
{
    /// <param name="entries">Files with content of known length, by their ordinals.</param>
    public SolidBlock(IEnumerable<ArchiveEntry> entries)
    {
        Entries = [.. entries];
        var members = ImmutableArray.CreateBuilder<BlockMember>(Entries.Length);
        var length = 0L;
        foreach (var entry in Entries)
        {
            members.Add(new BlockMember(length, entry.Length!.Value, entry.Crc32));
            length = checked(length + entry.Length.Value);
            PackedLength += entry.PackedLength;
            Memory = Math.Max(Memory, entry.Memory);
        }

        Members = members.MoveToImmutable();
    }

    public ImmutableArray<ArchiveEntry> Entries { get; }

    public ImmutableArray<BlockMember> Members { get; }

    /// <summary>Bytes of the archive that they take together.</summary>
    public long PackedLength { get; }

    /// <summary>Bytes of memory that decompressing takes, as headers say; 0: little, or not said there.</summary>
    public long Memory { get; }

    /// <summary>Where an entry begins, bytes from the start of the block.</summary>
    public long StartOf(ArchiveEntry entry)
    {
        var (low, high) = (0, Entries.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Entries[middle].Ordinal < entry.Ordinal ? (middle + 1, high) : (low, middle);
        }

        return Members[low].Offset;
    }
}
