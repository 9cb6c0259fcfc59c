using System.Buffers.Binary;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>The fields of a file header of RAR 4, which service headers share.</summary>
internal static class Rar4File
{
    private const byte Stored = 0x30;
    private const byte Unix = 3;
    private const byte BeOs = 5;
    private const int FolderFlags = 0xE0;

    /// <param name="field">The header behind its length.</param>
    /// <param name="flags">Of the header.</param>
    /// <param name="packed">Bytes of data; at least 0.</param>
    public static RarFile Parse(ref HeaderSpan field, int flags, out long packed)
    {
        var packedLow = field.UInt32();
        var lengthLow = field.UInt32();
        var system = field.Byte();
        var crc = field.UInt32();
        var time = field.UInt32();
        var version = field.Byte();
        var method = field.Byte();
        var nameLength = field.UInt16();
        var attributes = field.UInt32();
        var isLarge = (flags & 0x100) != 0;
        packed = Join(packedLow, isLarge ? field.UInt32() : 0);
        var lengthHigh = isLarge ? field.UInt32() : 0;
        var isUnknown = lengthLow == uint.MaxValue && (!isLarge || lengthHigh == uint.MaxValue);
        var length = isUnknown ? (long?)null : Join(lengthLow, lengthHigh);
        var name = Rar4Name.Decode(field.Bytes(nameLength), isUnicode: (flags & 0x200) != 0);
        _ = field.Bytes((flags & 0x400) != 0 ? 8 : 0); // salt
        var modified = ArchiveTime.FromDos(time);
        if ((flags & 0x1000) != 0 && field.Left >= 2)
        {
            modified = Exact(modified, ref field);
        }

        var isFolder = (flags & FolderFlags) == FolderFlags || (version < 20 && system != Unix && (attributes & 0x10) != 0);
        return new RarFile
        {
            // Whatever system made it, the separator is that of DOS.
            Path = name.Replace('\\', '/'),
            IsFolder = isFolder,
            IsSpecial = !isFolder && system is Unix or BeOs && (attributes & 0xF000) is not (0 or 0x8000 or 0x4000),
            Length = length,
            Modified = modified,
            Crc32 = crc,
            IsStored = method == Stored,
            IsEncrypted = (flags & 4) != 0,
            ContinuesBefore = (flags & 1) != 0,
            ContinuesAfter = (flags & 2) != 0,
        };
    }

    private static long Join(uint low, uint high)
    {
        return high <= int.MaxValue
            ? ((long)high << 32) | low
            : throw new ArchiveException(ArchiveFailure.Damaged, "A RAR header claims more than 2^63 bytes.");
    }

    /// <summary>The odd second and the fraction that DOS times lack. Four bits for each of four times say what is there; the first is that of the last change.</summary>
    private static DateTimeOffset? Exact(DateTimeOffset? modified, ref HeaderSpan field)
    {
        var mode = field.UInt16() >> 12;
        if ((mode & 8) == 0 || modified is not { } time)
        {
            return modified;
        }

        // The highest bytes of a number of three; in units of 100 ns.
        Span<byte> fraction = stackalloc byte[4];
        var count = mode & 3;
        field.Bytes(count).CopyTo(fraction[(3 - count)..]);
        return time.AddTicks(BinaryPrimitives.ReadUInt32LittleEndian(fraction)).AddSeconds((mode & 4) != 0 ? 1 : 0);
    }
}
