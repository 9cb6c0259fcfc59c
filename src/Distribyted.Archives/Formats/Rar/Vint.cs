using System.Numerics;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Numbers of RAR 5: seven bits in each byte, low ones first, the highest bit set while more follow.</summary>
internal static class Vint
{
    // 64 bits and a rest of padding, which the format allows.
    private const int MaxLength = 10;

    /// <summary>Reads one.</summary>
    /// <exception cref="ArchiveException">It is longer than 10 bytes or goes past the end.</exception>
    public static ulong Read(ref HeaderSpan header)
    {
        var value = 0ul;
        for (var i = 0; i < MaxLength; i++)
        {
            var part = header.Byte();
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new ArchiveException(ArchiveFailure.Damaged, "A number in a RAR header does not end.");
    }

    /// <summary>Bytes that a number takes.</summary>
    public static int LengthOf(ulong value)
    {
        return Math.Max(1, (BitOperations.Log2(value) + 7) / 7);
    }

    /// <summary>Reads one that counts bytes.</summary>
    /// <exception cref="ArchiveException">Also when it does not fit a signed number of 64 bits.</exception>
    public static long ReadLength(ref HeaderSpan header)
    {
        var value = Read(ref header);
        return value <= long.MaxValue
            ? (long)value
            : throw new ArchiveException(ArchiveFailure.Damaged, $"A RAR header claims {value} bytes.");
    }
}
