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

    public async ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var index = await new RarIndexReader(source, limits).ReadAsync(cancellationToken);
        return index.IsSolid ? index with { Entries = [.. index.Entries.Select(InBlock)] } : index;
    }

    // A solid archive is one block.
    private static ArchiveEntry InBlock(ArchiveEntry entry)
    {
        return entry.IsFolder || entry.IsPlain ? entry : entry with { Block = 0 };
    }
}
