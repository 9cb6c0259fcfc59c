namespace Distribyted.Archives.Formats.Rar;

/// <summary>What one file header says, of version 4 or 5.</summary>
internal sealed record RarFile
{
    /// <summary>Its path with <c>/</c> between segments.</summary>
    public required string Path { get; init; }

    public bool IsFolder { get; init; }

    /// <summary>A link, a device or another entry that is not shown.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Bytes of its content; null: not known when it was packed.</summary>
    public long? Length { get; init; }

    public DateTimeOffset? Modified { get; init; }

    /// <summary>Of the whole content in the header of its last part, of packed bytes in those before.</summary>
    public uint? Crc32 { get; init; }

    /// <summary>Method 0: its bytes are in the archive as they are, unless it is encrypted.</summary>
    public bool IsStored { get; init; }

    /// <summary>Bytes of memory that decompressing it takes, as its header says; 0: not said.</summary>
    public long Dictionary { get; init; }

    public bool IsEncrypted { get; init; }

    /// <summary>It began in the volume before.</summary>
    public bool ContinuesBefore { get; init; }

    /// <summary>It goes on in the next volume.</summary>
    public bool ContinuesAfter { get; init; }
}
