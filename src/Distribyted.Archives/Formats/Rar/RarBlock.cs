namespace Distribyted.Archives.Formats.Rar;

/// <summary>One block of a RAR volume, of version 4 or 5: a header that was read, and data that was not.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="DataOffset">Bytes from the start of the volume to its data, or to the next block when it has none.</param>
/// <param name="DataLength">Bytes of data, at least 0; may claim more than the volume has.</param>
internal sealed record RarBlock(RarBlockKind Kind, long DataOffset, long DataLength)
{
    /// <summary>Bytes that the length of its data takes in the header, when that may differ from header to header; 0: it does not.</summary>
    public int LengthBytes { get; init; }

    /// <summary>The entry of a file block.</summary>
    public RarFile? File { get; init; }

    /// <summary>Main block: entries can only be decompressed one after the other.</summary>
    public bool IsSolid { get; init; }

    /// <summary>Main block: it is one of several volumes.</summary>
    public bool IsVolume { get; init; }

    /// <summary>Main block of a later volume: its number from 0, when it says it.</summary>
    public ulong? VolumeNumber { get; init; }

    /// <summary>End block: another volume follows.</summary>
    public bool MoreVolumes { get; init; }
}
