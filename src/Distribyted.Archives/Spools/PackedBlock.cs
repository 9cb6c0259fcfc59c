using System.Collections.Immutable;
using Distribyted.Archives.Unpacking;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Spools;

/// <summary>What is decompressed in one pass: an entry of its own, or a solid block with many entries.</summary>
internal sealed record PackedBlock
{
    /// <summary>The same for the same block of the same archive, and for nothing else.</summary>
    public required string Key { get; init; }

    /// <summary>The archive's strong tag: what is known of its password goes by it.</summary>
    public required string Archive { get; init; }

    /// <summary>For messages: <c>"film.mkv" in "set.zip"</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The files that its bytes lie in.</summary>
    public required IReadOnlyList<FoundEntry> Volumes { get; init; }

    /// <summary>Whether the volumes are pieces of one file.</summary>
    public bool AreVolumesJoined { get; init; }

    /// <summary>How deep the archive lies in others, from 0. A block waits only for those of archives around it.</summary>
    public int Level { get; init; }

    /// <summary>Its entries in the order in which they are decompressed, one right behind the other; empty: length and checksums are not known before.</summary>
    public ImmutableArray<BlockMember> Members { get; init; } = [];

    /// <summary>Bytes that it takes in the archive, as the headers say.</summary>
    public long PackedLength { get; init; }

    /// <summary>Bytes of memory that decompressing takes, as the headers say; 0: little, or its own bytes say it.</summary>
    public long Memory { get; init; }

    /// <summary>Whether a password is needed.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Begins decompression. What it returns is read forwards on one thread at a time.</summary>
    public required Func<UnpackingStart, Stream> Open { get; init; }

    /// <summary>Places that the format names where decompression can begin, from a table in the archive: bytes from the start of the block, and what
    /// <see cref="UnpackingStart.From"/> is there. Reads and blocks. Null: the format has none.</summary>
    public Func<IReadOnlyList<Stream>, IEnumerable<(long Position, ISavedState State)>>? Places { get; init; }

    /// <summary>Bytes when unpacked; null: only known at the end.</summary>
    public long? Length => Members.IsEmpty ? null : Members[^1].End;
}
