using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>The entries of a 7z header: properties, each for all entries at once.</summary>
internal ref struct FilesInfo
{
    private const uint FolderAttribute = 0x10;
    private const uint LinkAttribute = 0x400;

    // The high 16 bits of the attributes are the mode of Unix.
    private const uint UnixAttribute = 0x8000;

    private readonly StreamsInfo _streams;
    private readonly int _count;
    private ReadOnlySpan<byte> _names;
    private bool[] _isEmptyStream;
    private bool[] _isEmptyFile = [];
    private bool[] _isAnti = [];
    private ulong?[]? _modified;
    private uint?[]? _attributes;

    private FilesInfo(StreamsInfo streams, int count)
    {
        _streams = streams;
        _count = count;
        _isEmptyStream = new bool[count];
    }

    /// <param name="header">The whole header, decompressed.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    /// <param name="maxEntries">More are left out.</param>
    public static ArchiveIndex Parse(ReadOnlySpan<byte> header, long fileLength, int maxEntries)
    {
        var field = new HeaderSpan(header);
        if (field.Property() != Property.Header)
        {
            throw SevenZipSpan.Damaged("does not begin as one");
        }

        StreamsInfo? streams = null;
        while (field.Property() is var property)
        {
            switch (property)
            {
                case Property.End:
                    return new ArchiveIndex([], IsTruncated: false, IsSolid: false);
                case Property.ArchiveProperties:
                    SkipProperties(ref field);
                    break;
                case Property.AdditionalStreams:
                    _ = StreamsInfo.Parse(ref field, fileLength);
                    break;
                case Property.MainStreams:
                    streams = StreamsInfo.Parse(ref field, fileLength);
                    break;
                case Property.Files:
                    // Without streams all entries are empty.
                    var none = new HeaderSpan([(byte)Property.End]);
                    streams ??= StreamsInfo.Parse(ref none, fileLength);
                    var info = new FilesInfo(streams, field.Count());
                    info.ParseProperties(ref field);
                    return info.Entries(maxEntries);
                default:
                    throw SevenZipSpan.Damaged($"has property {(int)property}");
            }
        }

        throw SevenZipSpan.Damaged("does not end");
    }

    private void ParseProperties(ref HeaderSpan field)
    {
        while (field.Property() is var property && property != Property.End)
        {
            var content = new HeaderSpan(field.Bytes(field.Length()));
            switch (property)
            {
                case Property.EmptyStream:
                    _isEmptyStream = content.Bits(_count);
                    break;
                case Property.EmptyFile:
                    _isEmptyFile = content.Bits(_isEmptyStream.Count(static empty => empty));
                    break;
                case Property.Anti:
                    _isAnti = content.Bits(_isEmptyStream.Count(static empty => empty));
                    break;
                case Property.Names:
                    NotExternal(ref content);
                    _names = content.Bytes(content.Left);
                    break;
                case Property.ModifiedTime:
                    var hasTime = content.BitsOrAll(_count);
                    NotExternal(ref content);
                    _modified = new ulong?[_count];
                    for (var i = 0; i < _count; i++)
                    {
                        _modified[i] = hasTime[i] ? content.UInt64() : null;
                    }

                    break;
                case Property.Attributes:
                    var hasAttributes = content.BitsOrAll(_count);
                    NotExternal(ref content);
                    _attributes = new uint?[_count];
                    for (var i = 0; i < _count; i++)
                    {
                        _attributes[i] = hasAttributes[i] ? content.UInt32() : null;
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private ArchiveIndex Entries(int maxEntries)
    {
        var entries = ImmutableArray.CreateBuilder<ArchiveEntry>();
        var place = new FolderPlace(_streams);
        var isTruncated = false;
        var empty = 0;
        for (var i = 0; i < _count; i++)
        {
            var name = NextName();
            var isEmpty = _isEmptyStream[i];
            var isEmptyFile = isEmpty && empty < _isEmptyFile.Length && _isEmptyFile[empty];
            var isAnti = isEmpty && empty < _isAnti.Length && _isAnti[empty];
            empty += isEmpty ? 1 : 0;
            if (!isEmpty && !place.Next())
            {
                throw SevenZipSpan.Damaged("has more entries with content than there is content for");
            }

            var attributes = _attributes?[i] ?? 0;
            var isFolder = isEmpty && (!isEmptyFile || (attributes & FolderAttribute) != 0);
            if (isAnti || IsSpecial(attributes, isFolder))
            {
                continue;
            }

            if (entries.Count == maxEntries)
            {
                isTruncated = true;
                break;
            }

            var entry = isEmpty
                ? new ArchiveEntry
                {
                    Path = name,
                    Method = "stored",
                    Length = 0,
                    IsFolder = isFolder,
                }
                : place.Entry(name);
            entries.Add(entry with { Ordinal = i, Modified = _modified?[i] is { } time ? ArchiveTime.FromNtfs(time) : null });
        }

        return new ArchiveIndex(entries.ToImmutable(), isTruncated, place.IsSolid);
    }

    private static bool IsSpecial(uint attributes, bool isFolder)
    {
        var mode = (attributes & UnixAttribute) != 0 ? (attributes >> 16) & 0xF000 : 0;
        return (attributes & LinkAttribute) != 0 || (!isFolder && mode is not (0 or 0x8000 or 0x4000));
    }

    /// <summary>UTF-16 up to two zero bytes.</summary>
    private string NextName()
    {
        for (var at = 0; at + 1 < _names.Length; at += 2)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(_names[at..]) == 0)
            {
                var name = Encoding.Unicode.GetString(_names[..at]);
                _names = _names[(at + 2)..];
                return name;
            }
        }

        throw SevenZipSpan.Damaged("has fewer names than entries");
    }

    private static void SkipProperties(ref HeaderSpan field)
    {
        while (field.Property() != Property.End)
        {
            _ = field.Bytes(field.Length());
        }
    }

    private static void NotExternal(ref HeaderSpan content)
    {
        if (content.Byte() != 0)
        {
            throw new ArchiveException(ArchiveFailure.NotSupported, "The header of the 7z archive lies in another stream.");
        }
    }
}
