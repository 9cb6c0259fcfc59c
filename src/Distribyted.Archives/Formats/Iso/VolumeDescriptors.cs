using System.Buffers.Binary;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>What the descriptors from sector 16 on say: which trees the image has.</summary>
/// <param name="Root">The record of the root folder of ISO 9660; null: there is none.</param>
/// <param name="IsJoliet">Its names are Unicode.</param>
/// <param name="BlockLength">Bytes of a block of ISO 9660.</param>
/// <param name="HasUdf">Whether there is UDF.</param>
internal sealed record VolumeDescriptors(byte[]? Root, bool IsJoliet, int BlockLength, bool HasUdf)
{
    private const int RootOffset = 156;
    private const int RootLength = 34;

    // Those of ISO 9660, then those of UDF; images have fewer than ten.
    private const int MaxDescriptors = 64;

    public static async ValueTask<VolumeDescriptors> ReadAsync(HeaderReader headers, CancellationToken cancellationToken)
    {
        byte[]? plain = null;
        byte[]? joliet = null;
        var blockLength = Iso9660Reader.SectorLength;
        var hasUdf = false;
        var hasRockRidge = false;
        for (var sector = 16; sector < 16 + MaxDescriptors; sector++)
        {
            var bytes = await headers.PeekAsync(
                0,
                (long)sector * Iso9660Reader.SectorLength,
                Iso9660Reader.SectorLength,
                cancellationToken
            );
            if (bytes.Length < Iso9660Reader.SectorLength)
            {
                break;
            }

            var descriptor = bytes.Span[..Iso9660Reader.SectorLength];
            var id = descriptor.Slice(1, 5);
            if (id.SequenceEqual("NSR02"u8) || id.SequenceEqual("NSR03"u8))
            {
                hasUdf = true;
            }
            else if (id.SequenceEqual("CD001"u8))
            {
                if (descriptor[0] == 1 && plain is null)
                {
                    plain = descriptor.Slice(RootOffset, RootLength).ToArray();
                    blockLength = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[128..]);
                }
                else if (descriptor[0] == 2 && IsUnicode(descriptor.Slice(88, 3)))
                {
                    joliet = descriptor.Slice(RootOffset, RootLength).ToArray();
                }
            }
            else if (id.SequenceEqual("TEA01"u8) || !IsUdfSequence(id) || (plain is not null && id[0] == 0))
            {
                break;
            }
        }

        if (plain is not null && blockLength is not (512 or 1024 or 2048))
        {
            throw new ArchiveException(ArchiveFailure.Damaged, $"The disc image has blocks of {blockLength} bytes.");
        }

        if (plain is not null && joliet is not null)
        {
            hasRockRidge = await HasRockRidgeAsync(headers, plain, blockLength, cancellationToken);
        }

        return joliet is not null && !hasRockRidge
            ? new VolumeDescriptors(joliet, IsJoliet: true, blockLength, hasUdf)
            : new VolumeDescriptors(plain, IsJoliet: false, blockLength, hasUdf);
    }

    /// <summary>What may stand between the descriptors of UDF: with blocks of 4 KiB, every other sector is empty.</summary>
    private static bool IsUdfSequence(ReadOnlySpan<byte> id)
    {
        return id.SequenceEqual("BEA01"u8) || id.SequenceEqual("BOOT2"u8) || id[0] == 0;
    }

    /// <summary>The first record of the root folder says whether records have names of Rock Ridge.</summary>
    private static async ValueTask<bool> HasRockRidgeAsync(
        HeaderReader headers,
        byte[] root,
        int blockLength,
        CancellationToken cancellationToken
    )
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(root.AsSpan(2)) * (long)blockLength;
        var bytes = await headers.PeekAsync(0, offset, Iso9660Reader.SectorLength, cancellationToken);
        return DirectoryRecord.TryParse(bytes.Span, out var self) && SystemUse.SkipLength(self.SystemUse) is not null;
    }

    private static bool IsUnicode(ReadOnlySpan<byte> escape)
    {
        return escape.SequenceEqual("%/@"u8) || escape.SequenceEqual("%/C"u8) || escape.SequenceEqual("%/E"u8);
    }
}
