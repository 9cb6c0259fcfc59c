using System.Globalization;
using System.Text;

namespace Distribyted.Web.Tar;

/// <summary>The blocks before the content of an entry (POSIX ustar; a pax record before it where the name or the length does not fit). Pure.</summary>
internal static class TarHeader
{
    public const int BlockLength = 512;

    private const int NameLength = 100;
    private const long MaxOctal = (1L << 33) - 1; // eleven octal digits

    /// <summary>The blocks of an entry.</summary>
    /// <param name="path">Names joined by slashes, without one at the start.</param>
    /// <param name="isFolder">A folder; its path gets a slash at the end.</param>
    /// <param name="length">Bytes of content.</param>
    /// <param name="modified">When it was changed last.</param>
    public static byte[] Of(string path, bool isFolder, long length, DateTimeOffset modified)
    {
        var name = isFolder ? path + "/" : path;
        var fits = Encoding.UTF8.GetByteCount(name) <= NameLength && Ascii.IsValid(name);
        if (fits && length <= MaxOctal)
        {
            return Block(name, isFolder ? '5' : '0', length, modified);
        }

        var records =
            (fits ? "" : Record("path", name)) + (length <= MaxOctal ? "" : Record("size", length.ToString(CultureInfo.InvariantCulture)));
        var data = Encoding.UTF8.GetBytes(records);
        return
        [
            .. Block("pax", 'x', data.Length, modified),
            .. data,
            .. new byte[Padding(data.Length)],
            .. Block(fits ? name : "entry", isFolder ? '5' : '0', Math.Min(length, MaxOctal), modified),
        ];
    }

    /// <summary>Zeros after content of this length, up to the next block.</summary>
    public static int Padding(long length)
    {
        return (int)((BlockLength - (length % BlockLength)) % BlockLength);
    }

    // "length key=value\n", where the length counts its own digits.
    private static string Record(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount(value) + key.Length + 3;
        var length = rest + Digits(rest);
        length = rest + Digits(length);
        return string.Create(CultureInfo.InvariantCulture, $"{length} {key}={value}\n");
    }

    private static int Digits(int number)
    {
        return number.ToString(CultureInfo.InvariantCulture).Length;
    }

    private static byte[] Block(string name, char type, long length, DateTimeOffset modified)
    {
        var block = new byte[BlockLength];
        Encoding.ASCII.GetBytes(name).CopyTo(block, 0);
        Octal(block.AsSpan(100, 8), type == '5' ? 0b111_101_101 : 0b110_100_100); // rwxr-xr-x, rw-r--r--
        Octal(block.AsSpan(108, 8), 0);
        Octal(block.AsSpan(116, 8), 0);
        Octal(block.AsSpan(124, 12), length);
        Octal(block.AsSpan(136, 12), Math.Clamp(modified.ToUnixTimeSeconds(), 0, MaxOctal));
        block[156] = (byte)type;
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        "00"u8.CopyTo(block.AsSpan(263));
        block.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var b in block)
        {
            sum += b;
        }

        Octal(block.AsSpan(148, 7), sum);
        return block;
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }

        field[^1] = 0;
    }
}
