namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>The first 32 bytes of a 7z file: where its header is, which stands at the end.</summary>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes of the header; 0: the archive is empty.</param>
/// <param name="Crc">CRC-32 of the header.</param>
internal readonly record struct StartHeader(long Offset, long Length, uint Crc)
{
    public const int TotalLength = 32;
    public const int SignatureLength = 6;

    public static ReadOnlySpan<byte> Signature => [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C];

    /// <param name="bytes">The first <see cref="TotalLength"/> bytes.</param>
    /// <param name="fileLength">Bytes of the file, beyond which no header lies.</param>
    public static StartHeader Parse(ReadOnlySpan<byte> bytes, long fileLength)
    {
        var field = new HeaderSpan(bytes);
        if (!field.Bytes(SignatureLength).SequenceEqual(Signature))
        {
            throw new ArchiveException(ArchiveFailure.NotSupported, "This is not a 7z archive.");
        }

        _ = field.UInt16(); // version
        var crc = field.UInt32();
        if (crc != Crc32.Of(bytes[12..]))
        {
            throw new ArchiveException(
                ArchiveFailure.Damaged,
                "The first header of the 7z archive does not have the checksum that it claims."
            );
        }

        var (offset, length) = (field.UInt64(), field.UInt64());
        var most = (ulong)fileLength - TotalLength;
        return offset <= most && length <= most - offset
            ? new StartHeader(TotalLength + (long)offset, (long)length, field.UInt32())
            : throw new ArchiveException(ArchiveFailure.Damaged, "The 7z archive ends before its header.");
    }
}
