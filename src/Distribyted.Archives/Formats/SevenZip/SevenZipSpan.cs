using System.Numerics;

namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>Numbers, flags and checksums as a 7z header writes them.</summary>
internal static class SevenZipSpan
{
    /// <summary>More files, streams or folders than this are refused before anything is allocated for them.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>A number: each leading one bit of the first byte means another byte, low ones first; the rest of the first byte are the highest bits.</summary>
    public static ulong Number(this ref HeaderSpan header)
    {
        var first = header.Byte();
        var more = BitOperations.LeadingZeroCount((uint)(byte)~first) - 24;
        var value = 0ul;
        for (var i = 0; i < more; i++)
        {
            value |= (ulong)header.Byte() << (8 * i);
        }

        return more < 8 ? value | ((ulong)(first & ((1 << (7 - more)) - 1)) << (8 * more)) : value;
    }

    /// <summary>A number of bytes.</summary>
    public static long Length(this ref HeaderSpan header)
    {
        var value = header.Number();
        return value <= long.MaxValue ? (long)value : throw Damaged($"claims {value} bytes");
    }

    /// <summary>A number of things of which each takes at least a bit of what is left of the header.</summary>
    public static int Count(this ref HeaderSpan header)
    {
        var value = header.Number();
        return value > MaxCount
                ? throw new ArchiveException(ArchiveFailure.TooLarge, $"The header of the 7z archive claims {value} entries.")
            : value > 8ul * (ulong)header.Left ? throw Damaged($"claims {value} entries in {header.Left} bytes")
            : (int)value;
    }

    public static Property Property(this ref HeaderSpan header)
    {
        return (Property)Math.Min(header.Number(), int.MaxValue);
    }

    /// <summary>One bit for each, highest first.</summary>
    public static bool[] Bits(this ref HeaderSpan header, int count)
    {
        var bytes = header.Bytes((count + 7) / 8);
        var bits = new bool[count];
        for (var i = 0; i < count; i++)
        {
            bits[i] = (bytes[i / 8] & (0x80 >> (i % 8))) != 0;
        }

        return bits;
    }

    /// <summary>Bits, or a byte that says that all are set.</summary>
    public static bool[] BitsOrAll(this ref HeaderSpan header, int count)
    {
        if (header.Byte() == 0)
        {
            return header.Bits(count);
        }

        // What follows has bytes for each of them, so the count was checked against the header.
        var bits = new bool[count];
        Array.Fill(bits, true);
        return bits;
    }

    /// <summary>CRC-32 of each, where it is known.</summary>
    public static uint?[] Digests(this ref HeaderSpan header, int count)
    {
        var known = header.BitsOrAll(count);
        var digests = new uint?[count];
        for (var i = 0; i < count; i++)
        {
            digests[i] = known[i] ? header.UInt32() : null;
        }

        return digests;
    }

    public static ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"The header of the 7z archive {what}.");
    }
}
