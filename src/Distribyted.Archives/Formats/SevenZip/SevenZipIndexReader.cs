namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>Reads the header at the end of a 7z file: two reads, or three when it is compressed.</summary>
internal sealed class SevenZipIndexReader(IArchiveSource source, ArchiveLimits limits)
{
    // A header that is compressed names another, which may be compressed again; 7-Zip writes one level.
    private const int MaxLevels = 4;

    private readonly HeaderReader _headers = new(source, limits.MaxHeaderBytes);

    public async ValueTask<ArchiveIndex> ReadAsync(CancellationToken cancellationToken)
    {
        var length = source.LengthOf(0);
        var first = await _headers.ReadAsync(0, 0, StartHeader.TotalLength, cancellationToken);
        var start = StartHeader.Parse(first.Span, length);
        if (start.Length == 0)
        {
            return new ArchiveIndex([], IsTruncated: false, IsSolid: false);
        }

        var header = await ReadAsync(start.Offset, start.Length, cancellationToken);
        if (Crc32.Of(header.Span) != start.Crc)
        {
            throw SevenZipSpan.Damaged("does not have the checksum that it claims");
        }

        for (var level = 0; (Property)header.Span[0] == Property.EncodedHeader; level++)
        {
            header =
                level < MaxLevels ? await DecodeAsync(header, cancellationToken) : throw SevenZipSpan.Damaged("is compressed too often");
            if (header.Length == 0)
            {
                throw SevenZipSpan.Damaged("is empty");
            }
        }

        return FilesInfo.Parse(header.Span, length, limits.MaxEntries);
    }

    private async ValueTask<ReadOnlyMemory<byte>> DecodeAsync(ReadOnlyMemory<byte> header, CancellationToken cancellationToken)
    {
        var streams = ParseEncoded(header.Span);
        if (streams.Folders is not [var folder] || folder.PackedStreams != 1)
        {
            throw new ArchiveException(
                ArchiveFailure.NotSupported,
                "The header of the 7z archive is compressed in a way that cannot be read here."
            );
        }

        // Each method in the chain has an output of its own.
        if (folder.Lengths.Any(length => length > limits.MaxHeaderBytes) || folder.Lengths.Sum() > limits.MaxHeaderBytes)
        {
            throw new ArchiveException(ArchiveFailure.TooLarge, $"The header of {source.NameOf(0)} is larger than the limit.");
        }

        var packed = await ReadAsync(streams.PackedOffset, streams.Packed[0], cancellationToken);
        return HeaderDecoder.Decode(folder, packed, limits.Passwords, source.NameOf(0));
    }

    private StreamsInfo ParseEncoded(ReadOnlySpan<byte> header)
    {
        var field = new HeaderSpan(header[1..]);
        return StreamsInfo.Parse(ref field, source.LengthOf(0));
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, long length, CancellationToken cancellationToken)
    {
        // Checked before a buffer of that size is made.
        return length <= limits.MaxHeaderBytes
            ? await _headers.ReadAsync(0, offset, (int)length, cancellationToken)
            : throw new ArchiveException(ArchiveFailure.TooLarge, $"The header of {source.NameOf(0)} is larger than the limit.");
    }
}
