using System.Buffers.Binary;
using System.Text;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>Descriptors, times and names as UDF writes them (ECMA-167).</summary>
internal static class UdfSpan
{
    public const int TagLength = 16;
    public const ushort Anchor = 2;
    public const ushort Partition = 5;
    public const ushort LogicalVolume = 6;
    public const ushort Terminator = 8;
    public const ushort FileSet = 256;
    public const ushort FileIdentifier = 257;
    public const ushort AllocationExtent = 258;
    public const ushort FileEntry = 261;
    public const ushort ExtendedFileEntry = 266;

    /// <summary>What kind of descriptor this is; 0: the checksum of its tag does not fit.</summary>
    public static ushort TagOf(ReadOnlySpan<byte> descriptor)
    {
        if (descriptor.Length < TagLength)
        {
            return 0;
        }

        byte sum = 0;
        for (var i = 0; i < TagLength; i++)
        {
            sum += i == 4 ? (byte)0 : descriptor[i];
        }

        return sum == descriptor[4] ? UInt16(descriptor, 0) : (ushort)0;
    }

    public static ushort UInt16(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    }

    public static uint UInt32(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    }

    public static ulong UInt64(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
    }

    /// <summary>A time of 12 bytes: zone in minutes (low 12 bits, signed), year, month, day, hour, minute, second, three fractions.</summary>
    public static DateTimeOffset? Time(ReadOnlySpan<byte> bytes)
    {
        var zone = (short)(UInt16(bytes, 0) << 4) >> 4;
        var (year, month, day) = (UInt16(bytes, 2), bytes[4], bytes[5]);
        if (
            year is < 1 or > 9998
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
            || bytes[6] > 23
            || bytes[7] > 59
            || bytes[8] > 59
        )
        {
            return null;
        }

        // -2047 says that the zone is not known.
        var offset = Math.Abs(zone) <= 14 * 60 ? TimeSpan.FromMinutes(zone) : TimeSpan.Zero;
        var microseconds = (Math.Min(bytes[9], (byte)99) * 10_000L) + (Math.Min(bytes[10], (byte)99) * 100) + Math.Min(bytes[11], (byte)99);
        return new DateTimeOffset(year, month, day, bytes[6], bytes[7], bytes[8], offset).ToUniversalTime().AddTicks(microseconds * 10);
    }

    /// <summary>A name: 8 or 16 bits for each character, as its first byte says.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        return bytes.Length == 0 ? ""
            : bytes[0] is 16 or 255 ? Encoding.BigEndianUnicode.GetString(bytes[1..])
            : Encoding.Latin1.GetString(bytes[1..]);
    }
}
