namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>Where packed streams lie, how blocks unpack them, and which pieces of a block are entries.</summary>
internal sealed class StreamsInfo
{
    private readonly long _fileLength;
    private long _packedOffset;
    private int[] _counts = [];
    private uint?[] _digests = [];
    private long[] _sizes = [];
    private bool _hasSubStreams;

    private StreamsInfo(long fileLength)
    {
        _fileLength = fileLength;
    }

    public Folder[] Folders { get; private set; } = [];

    /// <summary>Bytes of each packed stream, in the order in which they lie in the file.</summary>
    public long[] Packed { get; private set; } = [];

    /// <summary>How many entries each folder holds.</summary>
    public int[] Counts => _counts;

    /// <summary>Bytes of each entry that has content, in order.</summary>
    public long[] Sizes => _sizes;

    /// <summary>CRC-32 of each entry that has content, in order.</summary>
    public uint?[] Digests => _digests;

    /// <summary>Bytes from the start of the file to the first packed stream.</summary>
    public long PackedOffset => _packedOffset;

    /// <param name="header">Behind the property that announces it; read up to its end.</param>
    /// <param name="fileLength">Bytes of the file, in which all packed streams lie.</param>
    public static StreamsInfo Parse(ref HeaderSpan header, long fileLength)
    {
        var info = new StreamsInfo(fileLength);
        while (true)
        {
            switch (header.Property())
            {
                case Property.End:
                    info.Finish();
                    return info;
                case Property.PackInfo:
                    info.ParsePacked(ref header);
                    break;
                case Property.UnpackInfo:
                    info.ParseFolders(ref header);
                    break;
                case Property.SubStreams:
                    info.ParseSubStreams(ref header);
                    break;
                case var other:
                    throw SevenZipSpan.Damaged($"has property {(int)other} where streams are described");
            }
        }
    }

    private void ParsePacked(ref HeaderSpan header)
    {
        var offset = header.Length();
        var count = header.Count();
        var packed = new long[count];
        var hasSizes = count == 0;
        while (header.Property() is var property && property != Property.End)
        {
            if (property == Property.Size)
            {
                hasSizes = true;
                for (var i = 0; i < count; i++)
                {
                    packed[i] = header.Length();
                }
            }
            else if (property == Property.Crc)
            {
                _ = header.Digests(count);
            }
            else
            {
                throw SevenZipSpan.Damaged($"has property {(int)property} where packed streams are described");
            }
        }

        var left = _fileLength - StartHeader.TotalLength - offset;
        foreach (var length in packed)
        {
            left = length <= left ? left - length : -1;
        }

        if (left < 0 || !hasSizes)
        {
            throw SevenZipSpan.Damaged("names packed bytes that are not in the file");
        }

        _packedOffset = StartHeader.TotalLength + offset;
        Packed = packed;
    }

    private void ParseFolders(ref HeaderSpan header)
    {
        Expect(ref header, Property.Folder);
        var folders = new Folder[header.Count()];
        NotExternal(ref header);
        for (var i = 0; i < folders.Length; i++)
        {
            folders[i] = Folder.Parse(ref header);
        }

        Expect(ref header, Property.CodersUnpackSize);
        foreach (var folder in folders)
        {
            folder.ParseLengths(ref header);
        }

        var next = header.Property();
        if (next == Property.Crc)
        {
            var digests = header.Digests(folders.Length);
            for (var i = 0; i < folders.Length; i++)
            {
                folders[i].Crc = digests[i];
            }

            next = header.Property();
        }

        if (next != Property.End)
        {
            throw SevenZipSpan.Damaged($"has property {(int)next} where blocks are described");
        }

        Folders = folders;
    }

    private void ParseSubStreams(ref HeaderSpan header)
    {
        _hasSubStreams = true;
        SetCounts(1);
        var property = header.Property();
        if (property == Property.NumUnpackStream)
        {
            var total = 0L;
            for (var i = 0; i < Folders.Length; i++)
            {
                _counts[i] = header.Count();
                total += _counts[i];
                if (total > SevenZipSpan.MaxCount)
                {
                    throw new ArchiveException(ArchiveFailure.TooLarge, $"The header of the 7z archive claims more than {total} entries.");
                }
            }

            property = header.Property();
        }

        // Sizes come before checksums, and are left out when each folder holds one entry.
        ParseSizes(ref header, property == Property.Size);
        property = property == Property.Size ? header.Property() : property;
        SetDigests();
        for (; property != Property.End; property = header.Property())
        {
            if (property != Property.Crc)
            {
                throw SevenZipSpan.Damaged($"has property {(int)property} where entries are described");
            }

            ParseDigests(ref header);
        }
    }

    private void ParseSizes(ref HeaderSpan header, bool areThere)
    {
        _sizes = new long[_counts.Sum()];
        var at = 0;
        for (var i = 0; i < Folders.Length; i++)
        {
            var left = Folders[i].Length;
            for (var n = 0; n < _counts[i] - 1; n++)
            {
                var size = areThere ? header.Length() : throw SevenZipSpan.Damaged("does not say how large its entries are");
                left = size <= left ? left - size : throw SevenZipSpan.Damaged("has a block that is smaller than its entries");
                _sizes[at++] = size;
            }

            if (_counts[i] > 0)
            {
                _sizes[at++] = left;
            }
        }
    }

    /// <summary>Checksums of entries that are a whole folder are said there.</summary>
    private void SetDigests()
    {
        _digests = new uint?[_sizes.Length];
        var at = 0;
        for (var i = 0; i < Folders.Length; i++)
        {
            if (_counts[i] == 1)
            {
                _digests[at] = Folders[i].Crc;
            }

            at += _counts[i];
        }
    }

    private void ParseDigests(ref HeaderSpan header)
    {
        var isSaid = new bool[_sizes.Length];
        var at = 0;
        for (var i = 0; i < Folders.Length; i++)
        {
            if (_counts[i] == 1 && Folders[i].Crc is not null)
            {
                isSaid[at] = true;
            }

            at += _counts[i];
        }

        var digests = header.Digests(isSaid.Count(static said => !said));
        var next = 0;
        for (var i = 0; i < isSaid.Length; i++)
        {
            if (!isSaid[i])
            {
                _digests[i] = digests[next++];
            }
        }
    }

    private void Finish()
    {
        if (!_hasSubStreams)
        {
            SetCounts(1);
            _sizes = [.. Folders.Select(static folder => folder.Length)];
            SetDigests();
        }

        if (Folders.Sum(static folder => (long)folder.PackedStreams) > Packed.Length)
        {
            throw SevenZipSpan.Damaged("has blocks of more packed streams than there are");
        }
    }

    private void SetCounts(int count)
    {
        _counts = new int[Folders.Length];
        Array.Fill(_counts, count);
    }

    private static void Expect(ref HeaderSpan header, Property expected)
    {
        var property = header.Property();
        if (property != expected)
        {
            throw SevenZipSpan.Damaged($"has property {(int)property} in place of {(int)expected}");
        }
    }

    private static void NotExternal(ref HeaderSpan header)
    {
        if (header.Byte() != 0)
        {
            throw new ArchiveException(ArchiveFailure.NotSupported, "The header of the 7z archive lies in another stream.");
        }
    }
}
