using System.Buffers.Binary;
using System.Text;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>One record of a folder of ISO 9660.</summary>
internal readonly ref struct DirectoryRecord
{
    private const int FixedLength = 33;
    private const byte FolderFlag = 2;
    private const byte AssociatedFlag = 4;
    private const byte MoreExtentsFlag = 0x80;

    private DirectoryRecord(ReadOnlySpan<byte> bytes)
    {
        Bytes = bytes;
        Name = bytes.Slice(FixedLength, bytes[32]);
        // A name of an even length is followed by a byte that makes the rest begin at an even place.
        SystemUse = bytes[Math.Min(bytes.Length, FixedLength + Name.Length + 1 - (Name.Length & 1))..];
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What extensions such as Rock Ridge write behind the name.</summary>
    public ReadOnlySpan<byte> SystemUse { get; }

    /// <summary>The first block of its content.</summary>
    public long Block => (long)BinaryPrimitives.ReadUInt32LittleEndian(Bytes[2..]) + Bytes[1];

    public long Length => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[10..]);

    public bool IsFolder => (Bytes[25] & FolderFlag) != 0;

    /// <summary>Goes with another record of the same name, as resource forks do.</summary>
    public bool IsAssociated => (Bytes[25] & AssociatedFlag) != 0;

    /// <summary>The next record is of the same file and continues it.</summary>
    public bool HasMoreExtents => (Bytes[25] & MoreExtentsFlag) != 0;

    /// <summary>Its blocks alternate with those of others.</summary>
    public bool IsInterleaved => Bytes[26] != 0 || Bytes[27] != 0;

    /// <summary>The folder itself or the one above it.</summary>
    public bool IsSelfOrParent => Name is [0 or 1];

    public DateTimeOffset? Modified => Time(Bytes[18..25]);

    /// <summary>Takes the record that begins here; false: its lengths contradict each other.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out DirectoryRecord record)
    {
        var isWhole =
            bytes.Length > FixedLength
            && bytes[0] > FixedLength
            && bytes[0] <= bytes.Length
            && FixedLength + bytes[32] <= bytes[0]
            && bytes[32] > 0;
        record = isWhole ? new DirectoryRecord(bytes[..bytes[0]]) : default;
        return isWhole;
    }

    /// <summary>The name without version and without the dot of an empty extension.</summary>
    public string Text(bool isJoliet)
    {
        var text = isJoliet ? Encoding.BigEndianUnicode.GetString(Name) : OldText.Decode(Name);
        var version = text.LastIndexOf(';');
        text = version > 0 ? text[..version] : text;
        return !isJoliet && text.Length > 1 && text[^1] == '.' ? text[..^1] : text;
    }

    /// <summary>Year since 1900, month, day, hour, minute, second, quarters of an hour from UTC.</summary>
    public static DateTimeOffset? Time(ReadOnlySpan<byte> bytes)
    {
        var (year, month, day) = (1900 + bytes[0], bytes[1], bytes[2]);
        var zone = TimeSpan.FromMinutes(15 * (sbyte)bytes[6]);
        return
            month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth(year, month)
            && bytes[3] < 24
            && bytes[4] < 60
            && bytes[5] < 60
            && zone.Duration() <= TimeSpan.FromHours(14)
            ? new DateTimeOffset(year, month, day, bytes[3], bytes[4], bytes[5], zone).ToUniversalTime()
            : null;
    }
}
