namespace Distribyted.Archives.Formats.Rar;

/// <summary>RAR 1.5 to 4 and RAR 5 to 7, in one file or in volumes, also behind a program that unpacks it.</summary>
internal sealed class RarFormat : IArchiveFormat
{
    public string Name => "rar";

    public int HeadBytes => RarSignature.Length;

    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return RarSignature.VersionOf(head) != 0;
    }

    public ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        return new RarIndexReader(source, limits).ReadAsync(cancellationToken);
    }
}
