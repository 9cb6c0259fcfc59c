namespace Distribyted.Archives.Formats.Tar;

/// <summary>One header block of a tar file (POSIX.1-1988 and the variants of GNU).</summary>
internal sealed record TarHeader(string Path, TarType Type, long Size, long? SparseSize, DateTimeOffset? Modified, bool HasData)
{
    /// <summary>Bytes of a header; content is padded to whole blocks of as many.</summary>
    public const int Length = 512;

    private const int Checksum = 148;
    private const int ChecksumLength = 8;

    /// <summary>Whether this is a header: its checksum, by signed or unsigned bytes, is right.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> block)
    {
        var (unsigned, signed) = (0, 0);
        for (var i = 0; i < Length; i++)
        {
            var value = i is >= Checksum and < Checksum + ChecksumLength ? (byte)' ' : block[i];
            unsigned += value;
            signed += (sbyte)value;
        }

        return Number(block.Slice(Checksum, ChecksumLength)) is { } sum && (sum == unsigned || sum == signed);
    }

    /// <summary>Reads a header; null: a block of zeros, which ends the archive.</summary>
    /// <exception cref="ArchiveException">It is none.</exception>
    public static TarHeader? Read(ReadOnlySpan<byte> block)
    {
        if (!block.ContainsAnyExcept((byte)0))
        {
            return null;
        }

        if (!IsHeader(block) || Number(block.Slice(124, 12)) is not { } size || size < 0)
        {
            throw TarFormat.Damaged("something else stands where a header should be");
        }

        var name = OldText.Decode(Text(block[..100]));
        var isUstar = block[257..].StartsWith("ustar\0"u8);
        var prefix = isUstar ? OldText.Decode(Text(block.Slice(345, 155))) : "";
        var type = TypeOf(block[156]);
        var isGnu = block[257..].StartsWith("ustar  "u8);
        return new TarHeader(
            prefix.Length > 0 ? prefix + "/" + name : name,
            type,
            size,
            type == TarType.Sparse && isGnu ? Number(block.Slice(483, 12)) : null,
            Number(block.Slice(136, 12)) is { } time and >= -62_135_596_800 and <= 253_402_300_799 // what DateTimeOffset can hold
                ? DateTimeOffset.FromUnixTimeSeconds(time)
                : null,
            block[156] is not ((byte)'1' or (byte)'2' or (byte)'3' or (byte)'4' or (byte)'5' or (byte)'6') // some writers give these a size without bytes
        );
    }

    private static TarType TypeOf(byte type)
    {
        return (char)type switch
        {
            '0' or '\0' or '7' => TarType.File,
            '5' => TarType.Folder,
            'S' => TarType.Sparse,
            'x' or 'X' => TarType.PaxNext,
            'g' => TarType.PaxGlobal,
            'L' => TarType.LongName,
            _ => TarType.Other,
        };
    }

    // Octal digits between spaces and zeros, or, with the highest bit set, a binary number (GNU, star).
    private static long? Number(ReadOnlySpan<byte> field)
    {
        var number = 0L;
        if ((field[0] & 0x80) != 0)
        {
            number = field[0] & 0x7F; // 0x7F begins a negative one, which overflows below
            foreach (var value in field[1..])
            {
                if (number > long.MaxValue >> 8)
                {
                    return null;
                }

                number = (number << 8) | value;
            }

            return number;
        }

        var digits = field.Trim(" \0"u8);
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7' || number > long.MaxValue >> 3)
            {
                return null;
            }

            number = (number << 3) | (long)(digit - (byte)'0');
        }

        return number;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
