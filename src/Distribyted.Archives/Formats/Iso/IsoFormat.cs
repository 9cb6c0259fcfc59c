namespace Distribyted.Archives.Formats.Iso;

/// <summary>Images of optical discs: ISO 9660 with Rock Ridge or Joliet, and UDF.</summary>
internal sealed class IsoFormat : IArchiveFormat
{
    // Sixteen sectors that belong to the system, then the first descriptor with a type, its identifier and a version.
    private const int IdentifierOffset = (16 * Iso9660Reader.SectorLength) + 1;
    private const int IdentifierLength = 5;

    public string Name => "iso";

    public int HeadBytes => IdentifierOffset + IdentifierLength;

    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return head.Length >= HeadBytes
            && head.Slice(IdentifierOffset, IdentifierLength) is var id
            && (id.SequenceEqual("CD001"u8) || id.SequenceEqual("BEA01"u8));
    }

    /// <summary>UDF where the image has it, since an image that has both shows large files only there; otherwise ISO 9660.</summary>
    public async ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var headers = new HeaderReader(source, limits.MaxHeaderBytes);
        var volume = await VolumeDescriptors.ReadAsync(headers, cancellationToken);
        if (volume.HasUdf)
        {
            try
            {
                return await new UdfReader(headers, limits.MaxEntries).ReadAsync(cancellationToken);
            }
            catch (ArchiveException) when (volume.Root is not null)
            {
                // The other tree of the image may be in order.
            }
        }

        return volume.Root is { } root
            ? await new Iso9660Reader(headers, limits.MaxEntries, volume.BlockLength, volume.IsJoliet).ReadAsync(root, cancellationToken)
            : throw new ArchiveException(ArchiveFailure.NotSupported, $"{source.NameOf(0)} has no file system that can be read here.");
    }
}
