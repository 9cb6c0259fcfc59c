using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>Walks the folders of UDF 1.02 to 2.60, each once: DVDs, Blu-ray discs with their metadata partition, images of large files.</summary>
/// <remarks>Discs that were written in packets with a virtual partition (VAT) are not read.</remarks>
internal sealed class UdfReader(HeaderReader headers, int maxEntries)
{
    private const int MaxDepth = 128;
    private const byte Deleted = 4;
    private const byte Parent = 8;
    private const int IdentifierLength = 38;

    private readonly UdfVolume _volume = new(headers);
    private readonly ImmutableArray<ArchiveEntry>.Builder _entries = ImmutableArray.CreateBuilder<ArchiveEntry>();
    private readonly Queue<(string Path, UdfFile Folder, int Depth)> _folders = [];
    private readonly HashSet<(int Partition, uint Block)> _seen = [];
    private bool _isTruncated;

    public async ValueTask<ArchiveIndex> ReadAsync(CancellationToken cancellationToken)
    {
        var (partition, block) = await _volume.OpenAsync(cancellationToken);
        var root = await _volume.ReadFileAsync(partition, block, cancellationToken);
        _seen.Add((partition, block));
        _folders.Enqueue(("", root, 0));
        while (!_isTruncated && _folders.TryDequeue(out var next))
        {
            await ReadFolderAsync(next.Path, next.Folder, next.Depth, cancellationToken);
        }

        return new ArchiveIndex(_entries.ToImmutable(), _isTruncated, IsSolid: false);
    }

    private async ValueTask ReadFolderAsync(string path, UdfFile folder, int depth, CancellationToken cancellationToken)
    {
        var content = await _volume.ReadContentAsync(folder, cancellationToken);
        for (var at = 0; at + IdentifierLength <= content.Length && !_isTruncated; )
        {
            if (!TryTake(content.AsSpan(at), out var length, out var name, out var place))
            {
                throw new ArchiveException(ArchiveFailure.Damaged, $"The folder '{path}' of the disc image is damaged.");
            }

            at += length;
            if (name is not null)
            {
                await AddAsync(path + name, place.Partition, place.Block, depth + 1, cancellationToken);
            }
        }
    }

    /// <param name="name">Null: of the folder above, or deleted.</param>
    private static bool TryTake(ReadOnlySpan<byte> bytes, out int length, out string? name, out (int Partition, uint Block) place)
    {
        var (traits, nameLength) = (bytes[18], bytes[19]);
        var useLength = UdfSpan.UInt16(bytes, 36);
        length = (IdentifierLength + useLength + nameLength + 3) & ~3;
        place = (UdfSpan.UInt16(bytes, 28), UdfSpan.UInt32(bytes, 24));
        var end = IdentifierLength + useLength + nameLength;
        var isRight = UdfSpan.TagOf(bytes) == UdfSpan.FileIdentifier && end <= bytes.Length;
        name = isRight && (traits & (Deleted | Parent)) == 0 ? UdfSpan.Text(bytes[(end - nameLength)..end]) : null;
        return isRight;
    }

    private async ValueTask AddAsync(string path, int partition, uint block, int depth, CancellationToken cancellationToken)
    {
        if (_entries.Count >= maxEntries)
        {
            _isTruncated = true;
            return;
        }

        var file = await _volume.ReadFileAsync(partition, block, cancellationToken);
        if (file.Type == UdfFile.Folder)
        {
            _entries.Add(
                new ArchiveEntry
                {
                    Path = path,
                    IsFolder = true,
                    Length = 0,
                    Method = "stored",
                    Modified = file.Modified,
                    Ordinal = _entries.Count,
                }
            );
            // A folder that is reached twice would be a circle, or a tree that grows without end.
            if (depth <= MaxDepth && _seen.Add((partition, block)))
            {
                _folders.Enqueue((path + "/", file, depth));
            }
        }
        else if (file.IsRegular)
        {
            var ranges = _volume.RangesOf(file);
            _entries.Add(
                new ArchiveEntry
                {
                    Path = path,
                    Length = file.Length,
                    PackedLength = file.Length,
                    Modified = file.Modified,
                    Method = ranges is null ? "sparse" : "stored",
                    Ranges = ranges ?? [],
                    Ordinal = _entries.Count,
                }
            );
        }
    }
}
