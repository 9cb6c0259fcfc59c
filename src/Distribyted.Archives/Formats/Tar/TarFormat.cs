using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Tar;

/// <summary>Tar: v7, ustar, pax with global headers, and GNU with long names and sizes over 8 GiB. Its headers lie before each entry: the list costs one small read
/// for each entry, and content is jumped over.</summary>
/// <remarks>Sparse files are listed and cannot be read: what lies in the archive is not what they hold.</remarks>
internal sealed class TarFormat : IArchiveFormat
{
    private const int MaxExtension = 1 << 20; // bytes of one pax header or long name

    /// <inheritdoc/>
    public string Name => "tar";

    /// <inheritdoc/>
    public int HeadBytes => TarHeader.Length;

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return head.Length >= TarHeader.Length && TarHeader.IsHeader(head);
    }

    /// <inheritdoc/>
    public async ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var reader = new HeaderReader(source, limits.MaxHeaderBytes);
        var entries = ImmutableArray.CreateBuilder<ArchiveEntry>();
        var global = new PaxRecords();
        var next = new PaxRecords();
        string? longName = null;
        var ordinal = 0;
        var (at, dataEnd) = (0L, 0L);
        while (true)
        {
            var block = await reader.PeekAsync(0, at, TarHeader.Length, cancellationToken);
            var length = source.LengthOf(0); // one that is compressed says it only at its end
            if (dataEnd > length)
            {
                throw Damaged("its last entry lies outside of it");
            }

            if (block.Length < TarHeader.Length || TarHeader.Read(block.Span[..TarHeader.Length]) is not { } header)
            {
                break; // a block of zeros, too, is the end
            }

            var size = header.HasData ? next.Size ?? global.Size ?? header.Size : 0;
            var data = at + TarHeader.Length;
            if (size < 0 || size > length - data)
            {
                throw Damaged($"\"{header.Path}\" lies outside of it");
            }

            dataEnd = data + size;
            at = data + ((size + TarHeader.Length - 1) / TarHeader.Length * TarHeader.Length);
            switch (header.Type)
            {
                case TarType.PaxNext:
                    next.Add(await ReadExtensionAsync(reader, data, header.Size, cancellationToken));
                    continue;
                case TarType.PaxGlobal:
                    global.Add(await ReadExtensionAsync(reader, data, header.Size, cancellationToken));
                    continue;
                case TarType.LongName:
                    longName = OldText.Decode(
                        (await ReadExtensionAsync(reader, data, header.Size, cancellationToken)).AsSpan().TrimEnd((byte)0)
                    );
                    continue;
            }

            if (header.Type is TarType.File or TarType.Folder or TarType.Sparse)
            {
                if (entries.Count >= limits.MaxEntries)
                {
                    return new ArchiveIndex(entries.DrainToImmutable(), IsTruncated: true, IsSolid: false);
                }

                entries.Add(ToEntry(header, next, global, longName, data, size, ordinal));
            }

            ordinal++;
            longName = null;
            next.Clear();
        }

        return new ArchiveIndex(entries.DrainToImmutable(), IsTruncated: false, IsSolid: false);
    }

    internal static ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"The tar file is damaged: {what}.");
    }

    private static ArchiveEntry ToEntry(
        TarHeader header,
        PaxRecords next,
        PaxRecords global,
        string? longName,
        long data,
        long size,
        int ordinal
    )
    {
        var path = next.SparsePath ?? next.Path ?? longName ?? global.Path ?? header.Path;
        var isFolder = header.Type == TarType.Folder || (header.Type == TarType.File && size == 0 && path.EndsWith('/'));
        var isSparse = header.Type == TarType.Sparse || next.IsSparse;
        return new ArchiveEntry
        {
            Path = path,
            IsFolder = isFolder,
            Length =
                isFolder ? 0
                : isSparse ? next.SparseSize ?? header.SparseSize ?? size
                : size,
            PackedLength = isFolder ? 0 : size,
            Modified = next.Modified ?? global.Modified ?? header.Modified,
            Method = isSparse ? "sparse" : "stored",
            Ranges = isFolder || isSparse || size == 0 ? [] : [new StoredRange(0, data, size)],
            Ordinal = ordinal,
        };
    }

    private static async ValueTask<byte[]> ReadExtensionAsync(HeaderReader reader, long at, long size, CancellationToken cancellationToken)
    {
        return size is >= 0 and <= MaxExtension
            ? (await reader.ReadAsync(0, at, (int)size, cancellationToken)).ToArray()
            : throw new ArchiveException(ArchiveFailure.TooLarge, $"A header of the tar file takes {size} bytes; {MaxExtension} are read.");
    }
}
