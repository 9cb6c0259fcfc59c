namespace Distribyted.Archives.Formats.Tar;

/// <summary>A tar file that is compressed as a whole: one block. Its list of entries costs one decompression of everything.</summary>
/// <param name="compression">How, lower case: <c>gz</c>, <c>bz2</c>, <c>xz</c>, <c>zst</c>, <c>lz</c>.</param>
/// <param name="signature">First bytes of the file.</param>
internal sealed class PackedTarFormat(string compression, byte[] signature) : IArchiveFormat
{
    private static readonly TarFormat Tar = new();

    public static IReadOnlyList<IArchiveFormat> All { get; } =
    [
        new PackedTarFormat("gz", [0x1F, 0x8B, 8]),
        new PackedTarFormat("bz2", [.. "BZh"u8]),
        new PackedTarFormat("xz", [0xFD, .. "7zXZ\0"u8]),
        new PackedTarFormat("zst", [0x28, 0xB5, 0x2F, 0xFD]),
        new PackedTarFormat("lz", [.. "LZIP"u8]),
    ];

    /// <summary>How it is compressed.</summary>
    public string Compression => compression;

    public string Name => "tar." + compression;

    public int HeadBytes => signature.Length;

    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return head.StartsWith(signature);
    }

    /// <summary>Reads the list of entries; the source is what the file unpacks to, of a length that is known at its end.</summary>
    public async ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var index = await Tar.ReadIndexAsync(source, limits, cancellationToken);
        return new ArchiveIndex([.. index.Entries.Select(InBlock)], index.IsTruncated, IsSolid: true);
    }

    private ArchiveEntry InBlock(ArchiveEntry entry)
    {
        return entry.Ranges.IsEmpty ? entry : entry with { Block = 0, Method = compression };
    }
}
