namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>7z, in one file; one that was cut into pieces is joined before.</summary>
internal sealed class SevenZipFormat : IArchiveFormat
{
    public string Name => "7z";

    public int HeadBytes => StartHeader.SignatureLength;

    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return head.StartsWith(StartHeader.Signature);
    }

    public ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        return new SevenZipIndexReader(source, limits).ReadAsync(cancellationToken);
    }
}
