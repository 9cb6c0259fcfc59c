namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>Goes through the entries that have content, in the order in which they lie in the blocks.</summary>
internal sealed class FolderPlace(StreamsInfo streams)
{
    private int _folder = -1;

    // Which packed stream is the first of this folder, and where it lies.
    private int _packed;
    private long _packedOffset = streams.PackedOffset;
    private int _left;
    private int _entry = -1;
    private long _offset;

    /// <summary>Whether any block that is compressed holds several entries.</summary>
    public bool IsSolid { get; } =
        streams.Folders.Zip(streams.Counts).Any(static folder => folder.Second > 1 && (!folder.First.IsCopy || folder.First.IsEncrypted));

    /// <summary>Goes to the next entry; false: there is none.</summary>
    public bool Next()
    {
        if (_entry >= 0)
        {
            _offset += streams.Sizes[_entry];
        }

        while (_left == 0)
        {
            if (_folder >= 0)
            {
                for (var i = 0; i < streams.Folders[_folder].PackedStreams; i++)
                {
                    _packedOffset += streams.Packed[_packed++];
                }
            }

            if (++_folder >= streams.Folders.Length)
            {
                return false;
            }

            _left = streams.Counts[_folder];
            _offset = 0;
        }

        _left--;
        _entry++;
        return true;
    }

    public ArchiveEntry Entry(string name)
    {
        var folder = streams.Folders[_folder];
        var length = streams.Sizes[_entry];
        var isFirst = _left == streams.Counts[_folder] - 1;
        // A copied block that is longer than its packed bytes is damaged: its entries are listed, and only reading them fails.
        var isRange = folder.IsCopy && length > 0 && folder.Length <= streams.Packed[_packed];
        return new ArchiveEntry
        {
            Path = name,
            Length = length,
            // 7-Zip, too, counts the bytes of a block at its first entry.
            PackedLength =
                folder.IsCopy ? length
                : isFirst ? PackedLength(folder)
                : 0,
            Crc32 = streams.Digests[_entry],
            Method = folder.Method,
            Memory = folder.Memory,
            IsEncrypted = folder.IsEncrypted,
            Block = isRange ? null : _folder,
            Ranges = isRange ? [new StoredRange(0, _packedOffset + _offset, length)] : [],
        };
    }

    private long PackedLength(Folder folder)
    {
        var length = 0L;
        for (var i = 0; i < folder.PackedStreams; i++)
        {
            length += streams.Packed[_packed + i];
        }

        return length;
    }
}
