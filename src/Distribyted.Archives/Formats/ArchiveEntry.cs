using System.Collections.Immutable;

namespace Distribyted.Archives.Formats;

/// <summary>One entry of an archive as its headers describe it. Nothing of it is trusted: names may be hostile, sizes may lie.</summary>
internal sealed record ArchiveEntry
{
    /// <summary>Its path in the archive with <c>/</c> between segments, not cleaned.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Bytes of its content, at least 0; null: only known when it was decompressed.</summary>
    public long? Length { get; init; }

    /// <summary>Bytes that it takes in the archive, at least 0.</summary>
    public long PackedLength { get; init; }

    /// <summary>When its content last changed; null: not said.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>CRC-32 of its content; null: not said.</summary>
    public uint? Crc32 { get; init; }

    /// <summary>How its bytes are packed, lower case: <c>stored</c>, <c>deflate</c>, <c>lzma</c>, <c>rar</c> ...</summary>
    public required string Method { get; init; }

    /// <summary>Bytes of memory that decompressing takes, as the archive's headers say; 0: little, or its own bytes say it.</summary>
    public long Memory { get; init; }

    /// <summary>Whether its content is encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Where its bytes lie, in order, when they are stored as they are and in the clear: together as long as <see cref="Length"/>, each inside its
    /// volume; or, with a <see cref="Block"/>, where they lie in what is unpacked. Empty: not stored, encrypted, or of length 0.</summary>
    public ImmutableArray<StoredRange> Ranges { get; init; } = [];

    /// <summary>Where its own header begins, bytes from the start of the first volume, when only that header says where its bytes lie; null:
    /// <see cref="Ranges"/> says it, or the library finds them.</summary>
    public long? HeaderOffset { get; init; }

    /// <summary>Which of the archive's solid blocks it is decompressed with; null: it is decompressed on its own. Entries of a block lie in it in their order,
    /// each right behind the one before, or where <see cref="Ranges"/> say (tar).</summary>
    public int? Block { get; init; }

    /// <summary>Whether its bytes are in the archive as they are, and in the clear.</summary>
    public bool IsPlain => !IsEncrypted && Block is null && (!Ranges.IsEmpty || (HeaderOffset is not null && Method == "stored"));

    /// <summary>Its position among the entries of the archive as a library counts them, for decompression.</summary>
    public int Ordinal { get; init; }
}
