using System.Collections.Immutable;

namespace Distribyted.Archives.Formats;

/// <summary>One kind of archive: reads what is in it from its headers. Stateless and safe for use by many threads.</summary>
internal interface IArchiveFormat
{
    /// <summary>Its name, lower case, as logs and stored indexes show it: <c>zip</c>, <c>rar</c>, <c>7z</c>, <c>tar</c>, <c>iso</c>.</summary>
    string Name { get; }

    /// <summary>Whether the first bytes are those of this format.</summary>
    /// <param name="head">The first bytes of the first volume, at most <see cref="HeadBytes"/>, fewer when the file is shorter.</param>
    bool Recognises(ReadOnlySpan<byte> head);

    /// <summary>How many first bytes <see cref="Recognises"/> needs at most.</summary>
    int HeadBytes { get; }

    /// <summary>Reads the list of entries; reads headers and no content.</summary>
    /// <exception cref="ArchiveException">The archive is damaged, encrypted as a whole, lacks a volume, or is of a kind that cannot be read.</exception>
    ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken);

    /// <summary>Where the bytes of a stored entry lie. Formats whose index does not say it (<see cref="ArchiveEntry.HeaderOffset"/>) read the entry's own header.</summary>
    /// <returns>Together as long as the entry, each inside its volume.</returns>
    /// <exception cref="ArchiveException">The header contradicts the index.</exception>
    ValueTask<ImmutableArray<StoredRange>> LocateAsync(IArchiveSource source, ArchiveEntry entry, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(entry.Ranges);
    }
}
