using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>Finds blocks of a UDF image: from the anchor to the partitions, from these to files and their content.</summary>
internal sealed class UdfVolume(HeaderReader headers)
{
    private const int AnchorBlock = 256;
    private const int AnchorLength = 512;
    private const int MaxDescriptors = 64;
    private const int MaxMaps = 8;

    // For the whole image: a file of 1 TiB has about a thousand extents of 1 GiB, and a hundred thousand files have as many.
    private const int MaxExtents = 1_000_000;

    // Bytes of all folders: a hundred thousand long names.
    private const long MaxFolderBytes = 64 * 1024 * 1024;

    // Metadata partitions have one extent, or a few when they grew.
    private const int MaxMetadataRanges = 64;

    // Discs have blocks of 2048 bytes; images of drives have those of the drive.
    private static readonly int[] BlockLengths = [2048, 512, 4096, 1024];

    private readonly Dictionary<int, (long Start, long Length)> _partitions = [];
    private readonly List<UdfMap> _maps = [];
    private int _blockLength;
    private int _extentsLeft = MaxExtents;
    private long _folderBytesLeft = MaxFolderBytes;

    /// <summary>Reads the descriptors of the volume.</summary>
    /// <returns>Where the file entry of the root folder is.</returns>
    public async ValueTask<(int Partition, uint Block)> OpenAsync(CancellationToken cancellationToken)
    {
        var (start, length) = await ReadAnchorAsync(cancellationToken);
        byte[]? logical = null;
        for (var block = 0; block < MaxDescriptors && block < length / _blockLength; block++)
        {
            var bytes = await ReadAsync((start + block) * _blockLength, cancellationToken);
            switch (UdfSpan.TagOf(bytes.Span))
            {
                case UdfSpan.Partition:
                    _partitions[UdfSpan.UInt16(bytes.Span, 22)] = (UdfSpan.UInt32(bytes.Span, 188), UdfSpan.UInt32(bytes.Span, 192));
                    break;
                case UdfSpan.LogicalVolume:
                    logical = bytes.ToArray();
                    break;
                case UdfSpan.Terminator:
                    block = MaxDescriptors;
                    break;
                default:
                    break;
            }
        }

        ReadMaps(logical ?? throw Damaged("has no logical volume"));
        await ReadMetadataFilesAsync(cancellationToken);
        var set = await ReadAsync(AddressOf(UdfSpan.UInt16(logical, 256), UdfSpan.UInt32(logical, 252)), cancellationToken);
        return UdfSpan.TagOf(set.Span) == UdfSpan.FileSet
            ? (UdfSpan.UInt16(set.Span, 408), UdfSpan.UInt32(set.Span, 404))
            : throw Damaged("has no file set");
    }

    public async ValueTask<UdfFile> ReadFileAsync(int partition, uint block, CancellationToken cancellationToken)
    {
        var address = AddressOf(partition, block);
        var bytes = await ReadAsync(address, cancellationToken);
        var (file, kind, next) = UdfFileEntry.Parse(bytes.Span, partition, address);
        var extents = file.Extents.ToBuilder();
        Spend(extents.Count);
        // Where the entry is full, a block of further extents follows.
        while (next is { } more)
        {
            bytes = await ReadAsync(AddressOf(more.Partition, more.Block), cancellationToken);
            (var further, next) = UdfFileEntry.ParseMore(bytes.Span, more.Partition, kind);
            Spend(further.Length + 1);
            extents.AddRange(further);
        }

        return file with
        {
            Extents = extents.ToImmutable(),
        };
    }

    public async ValueTask<byte[]> ReadContentAsync(UdfFile folder, CancellationToken cancellationToken)
    {
        _folderBytesLeft -= Math.Min(folder.Length, MaxFolderBytes + 1);
        if (_folderBytesLeft < 0 || folder.Length > headers.Source.LengthOf(0))
        {
            throw TooLarge();
        }

        var ranges = RangesOf(folder) ?? throw Damaged("has a folder that is not in it");
        using var content = new MemoryStream();
        foreach (var range in ranges)
        {
            for (var done = 0L; done < range.Length; )
            {
                var bytes = await headers.PeekAsync(
                    0,
                    range.Offset + done,
                    (int)Math.Min(range.Length - done, _blockLength),
                    cancellationToken
                );
                var part = (int)Math.Min(range.Length - done, bytes.Length);
                if (part == 0)
                {
                    throw headers.EndsEarly(0);
                }

                content.Write(bytes.Span[..part]);
                done += part;
            }
        }

        return content.ToArray();
    }

    /// <summary>Where the content lies; null: part of it is a hole or outside of the image.</summary>
    public ImmutableArray<StoredRange>? RangesOf(UdfFile file)
    {
        var left = file.Length;
        var ranges = ImmutableArray.CreateBuilder<StoredRange>();
        var extents = file.Embedded is { } embedded ? [(Offset: embedded, file.Length)] : Mapped(file);
        foreach (var (offset, length) in extents)
        {
            var part = Math.Min(length, left);
            if (part > 0)
            {
                if (offset < 0 || offset > headers.Source.LengthOf(0) - part)
                {
                    return null;
                }

                if (ranges.Count > 0 && ranges[^1] is var last && last.Offset + last.Length == offset)
                {
                    ranges[^1] = last with { Length = last.Length + part };
                }
                else
                {
                    ranges.Add(new StoredRange(0, offset, part));
                }

                left -= part;
            }
        }

        return left == 0 ? ranges.ToImmutable() : null;
    }

    private IEnumerable<(long Offset, long Length)> Mapped(UdfFile file)
    {
        foreach (var extent in file.Extents)
        {
            if (extent.IsHole || extent.Partition >= _maps.Count)
            {
                yield return (-1, extent.Length);
                continue;
            }

            foreach (var piece in _maps[extent.Partition].Pieces(extent.Block, extent.Length, _blockLength))
            {
                yield return piece;
            }
        }
    }

    private async ValueTask<(long Start, long Length)> ReadAnchorAsync(CancellationToken cancellationToken)
    {
        foreach (var blockLength in BlockLengths)
        {
            var bytes = await headers.PeekAsync(0, (long)AnchorBlock * blockLength, AnchorLength, cancellationToken);
            if (
                bytes.Length >= AnchorLength
                && UdfSpan.TagOf(bytes.Span) == UdfSpan.Anchor
                && UdfSpan.UInt32(bytes.Span, 12) == AnchorBlock
            )
            {
                _blockLength = blockLength;
                return (UdfSpan.UInt32(bytes.Span, 20), UdfSpan.UInt32(bytes.Span, 16));
            }
        }

        throw Damaged("has no anchor");
    }

    private void ReadMaps(ReadOnlySpan<byte> logical)
    {
        if (UdfSpan.UInt32(logical, 212) != _blockLength)
        {
            throw Damaged("contradicts itself about the size of its blocks");
        }

        var maps = logical[440..];
        maps = maps[..(int)Math.Min((uint)maps.Length, UdfSpan.UInt32(logical, 264))];
        for (var left = Math.Min(UdfSpan.UInt32(logical, 268), MaxMaps); left > 0; left--)
        {
            if (maps.Length < 6 || maps[1] < 6 || maps[1] > maps.Length)
            {
                throw Damaged("has a damaged map of partitions");
            }

            _maps.Add(UdfMap.Parse(maps[..maps[1]], _partitions));
            maps = maps[maps[1]..];
        }
    }

    /// <summary>A metadata partition is a file of another one, which holds all entries and folders.</summary>
    private async ValueTask ReadMetadataFilesAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _maps.Count; i++)
        {
            if (_maps[i].MetadataFile is { } block)
            {
                var number = _maps[i].Number;
                var physical = _maps.FindIndex(map => map.MetadataFile is null && map.Number == number);
                var file = await ReadFileAsync(physical, block, cancellationToken);
                _maps[i] = _maps[i]
                    .WithContent(
                        RangesOf(file) is { Length: <= MaxMetadataRanges } ranges
                            ? ranges
                            : throw Damaged("has a damaged metadata partition")
                    );
            }
        }
    }

    private long AddressOf(int partition, uint block)
    {
        if (partition < 0 || partition >= _maps.Count)
        {
            throw Damaged($"names partition {partition} of {_maps.Count}");
        }

        foreach (var (offset, _) in _maps[partition].Pieces(block, _blockLength, _blockLength))
        {
            return offset;
        }

        throw Damaged("names a block that is not in it");
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long address, CancellationToken cancellationToken)
    {
        return await headers.ReadAsync(0, address, _blockLength, cancellationToken);
    }

    private void Spend(int extents)
    {
        _extentsLeft -= extents;
        if (_extentsLeft < 0)
        {
            throw TooLarge();
        }
    }

    private static ArchiveException TooLarge()
    {
        return new ArchiveException(ArchiveFailure.TooLarge, "The folders of the disc image are larger than the limit.");
    }

    private static ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"The disc image {what}.");
    }
}
