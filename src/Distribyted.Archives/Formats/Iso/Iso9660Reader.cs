using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>Walks the folders of ISO 9660, each once.</summary>
internal sealed class Iso9660Reader(HeaderReader headers, int maxEntries, int blockLength, bool isJoliet)
{
    public const int SectorLength = 2048;

    // A name in Rock Ridge has at most 255 bytes and a link in it at most 1024; a few areas hold that.
    private const int MaxContinuations = 8;
    private const int MaxDepth = 128;

    private readonly ImmutableArray<ArchiveEntry>.Builder _entries = ImmutableArray.CreateBuilder<ArchiveEntry>();
    private readonly Queue<IsoFolder> _folders = [];
    private readonly HashSet<long> _seen = [];
    private ArchiveEntry? _open;
    private int? _skip;
    private bool _isTruncated;

    public async ValueTask<ArchiveIndex> ReadAsync(byte[] rootRecord, CancellationToken cancellationToken)
    {
        var root = new IsoFolder("", BlockOf(rootRecord) * blockLength, BinaryPrimitives.ReadUInt32LittleEndian(rootRecord.AsSpan(10)), 0);
        await ReadSkipAsync(root, cancellationToken);
        Enqueue(root);
        while (!_isTruncated && _folders.TryDequeue(out var folder))
        {
            await ReadFolderAsync(folder, cancellationToken);
        }

        return new ArchiveIndex(_entries.ToImmutable(), _isTruncated, IsSolid: false);
    }

    private static long BlockOf(byte[] rootRecord)
    {
        return (long)BinaryPrimitives.ReadUInt32LittleEndian(rootRecord.AsSpan(2)) + rootRecord[1];
    }

    private async ValueTask ReadSkipAsync(IsoFolder root, CancellationToken cancellationToken)
    {
        var bytes = await headers.PeekAsync(0, root.Offset, SectorLength, cancellationToken);
        _skip = !isJoliet && DirectoryRecord.TryParse(bytes.Span, out var self) ? SystemUse.SkipLength(self.SystemUse) : null;
    }

    private void Enqueue(IsoFolder folder)
    {
        // A folder that is reached twice would be a circle, or a tree that grows without end.
        if (folder.Depth <= MaxDepth && _seen.Add(folder.Offset))
        {
            _folders.Enqueue(folder);
        }
    }

    private async ValueTask ReadFolderAsync(IsoFolder folder, CancellationToken cancellationToken)
    {
        _open = null;
        for (var at = 0L; at < folder.Length && !_isTruncated; )
        {
            // Records do not cross the ends of sectors.
            var room = (int)Math.Min(SectorLength - (at % SectorLength), folder.Length - at);
            var bytes = await headers.PeekAsync(0, folder.Offset + at, room, cancellationToken);
            if (bytes.Length < room)
            {
                throw headers.EndsEarly(0);
            }

            if (bytes.Span[0] == 0)
            {
                at += room;
                continue;
            }

            var record = TakeRecord(bytes.Span[..room], out var found, out var systemUse);
            if (record == 0)
            {
                throw new ArchiveException(ArchiveFailure.Damaged, $"The folder '{folder.Path}' of the disc image is damaged.");
            }

            at += record;
            if (found is { } item)
            {
                for (var left = MaxContinuations; systemUse?.Continuation is { } area && left > 0; left--)
                {
                    var length = (int)Math.Min(area.Length, SectorLength);
                    bytes = await headers.PeekAsync(0, ((long)area.Block * blockLength) + area.Offset, length, cancellationToken);
                    systemUse.Read(bytes.Span[..Math.Min(length, bytes.Length)]);
                }

                await AddAsync(folder, item, systemUse, cancellationToken);
            }
        }
    }

    /// <summary>The record that begins here, apart from the fields that are elsewhere.</summary>
    /// <returns>Its length; 0: it is damaged.</returns>
    private int TakeRecord(ReadOnlySpan<byte> bytes, out IsoItem? item, out SystemUse? systemUse)
    {
        (item, systemUse) = (null, null);
        if (!DirectoryRecord.TryParse(bytes, out var record))
        {
            return 0;
        }

        if (!record.IsSelfOrParent && !record.IsAssociated)
        {
            item = new IsoItem(
                record.Text(isJoliet),
                record.IsFolder,
                record.Block * blockLength,
                record.Length,
                record.Modified,
                record.HasMoreExtents,
                record.IsInterleaved
            );
            if (_skip is { } skip && skip <= record.SystemUse.Length)
            {
                systemUse = new SystemUse();
                systemUse.Read(record.SystemUse[skip..]);
            }
        }

        return record.Bytes.Length;
    }

    private async ValueTask AddAsync(IsoFolder folder, IsoItem item, SystemUse? systemUse, CancellationToken cancellationToken)
    {
        if (systemUse is { IsRelocated: true } or { IsSpecial: true })
        {
            return;
        }

        var path = folder.Path + (systemUse is { HasName: true } ? systemUse.Name : item.Name);
        item = item with { Modified = systemUse?.Modified ?? item.Modified };
        if (systemUse?.ChildBlock is { } block)
        {
            // Its length stands in its own first record.
            var offset = (long)block * blockLength;
            var bytes = await headers.PeekAsync(0, offset, SectorLength, cancellationToken);
            var length = DirectoryRecord.TryParse(bytes.Span, out var self) ? self.Length : 0;
            item = item with { IsFolder = true, Offset = offset, Length = length };
        }

        if (_open is null && _entries.Count >= maxEntries)
        {
            _isTruncated = true;
        }
        else if (item.IsFolder)
        {
            _entries.Add(
                new ArchiveEntry
                {
                    Path = path,
                    IsFolder = true,
                    Length = 0,
                    Method = "stored",
                    Modified = item.Modified,
                    Ordinal = _entries.Count,
                }
            );
            Enqueue(new IsoFolder(path + "/", item.Offset, item.Length, folder.Depth + 1));
        }
        else
        {
            AddFile(path, item, systemUse);
        }
    }

    private void AddFile(string path, IsoItem item, SystemUse? systemUse)
    {
        var isInside = item.Offset <= headers.Source.LengthOf(0) - item.Length;
        var isPlain = isInside && !item.IsInterleaved && systemUse?.Unpacked is null;
        var extent = isPlain && item.Length > 0 ? ImmutableArray.Create(new StoredRange(0, item.Offset, item.Length)) : [];
        var entry =
            _open is { } open && string.Equals(open.Path, path, StringComparison.Ordinal)
                ? open with
                {
                    Length = open.Length + item.Length,
                    PackedLength = open.PackedLength + item.Length,
                    Ranges = open.Ranges.AddRange(extent),
                }
                : new ArchiveEntry
                {
                    Path = path,
                    Length = systemUse?.Unpacked ?? item.Length,
                    PackedLength = item.Length,
                    Modified = item.Modified,
                    Method =
                        systemUse?.Unpacked is not null ? "zisofs"
                        : item.IsInterleaved ? "interleaved"
                        : "stored",
                    Ranges = extent,
                    Ordinal = _entries.Count,
                };
        _open = item.HasMoreExtents ? entry : null;
        if (_open is null)
        {
            // Parts that lie outside of the image leave a gap: then it has no ranges, and reading it fails.
            var isWhole = entry.Ranges.Sum(static range => range.Length) == entry.Length;
            _entries.Add(isWhole ? entry : entry with { Ranges = [] });
        }
    }
}
