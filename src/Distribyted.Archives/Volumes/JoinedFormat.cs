using System.Collections.Immutable;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Volumes;

/// <summary>A format whose file was cut into pieces: <c>name.7z.001</c>, <c>name.7z.002</c>.</summary>
internal sealed class JoinedFormat(IArchiveFormat whole) : IArchiveFormat
{
    /// <summary>What the name ends with.</summary>
    public const string Ending = " in pieces";

    /// <summary>The format of the joined pieces.</summary>
    public IArchiveFormat Whole => whole;

    public string Name => whole.Name + Ending;

    public int HeadBytes => whole.HeadBytes;

    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return whole.Recognises(head);
    }

    public async ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var joined = new JoinedSource(source);
        var index = await whole.ReadIndexAsync(joined, limits, cancellationToken);
        return index with { Entries = [.. index.Entries.Select(entry => entry with { Ranges = joined.Split(entry.Ranges) })] };
    }

    public async ValueTask<ImmutableArray<StoredRange>> LocateAsync(
        IArchiveSource source,
        ArchiveEntry entry,
        CancellationToken cancellationToken
    )
    {
        if (entry.HeaderOffset is null)
        {
            return entry.Ranges;
        }

        var joined = new JoinedSource(source);
        return joined.Split(await whole.LocateAsync(joined, entry, cancellationToken));
    }
}
