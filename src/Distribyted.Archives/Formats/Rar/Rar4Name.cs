using System.Text;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Names of RAR 4. A Unicode name stands behind the old one and a zero byte, as differences to it.</summary>
internal static class Rar4Name
{
    public static string Decode(ReadOnlySpan<byte> bytes, bool isUnicode)
    {
        var zero = bytes.IndexOf((byte)0);
        if (zero < 0)
        {
            return isUnicode ? Encoding.UTF8.GetString(bytes) : OldText.Decode(bytes);
        }

        return isUnicode && bytes.Length > zero + 2 ? Decode(bytes[..zero], bytes[(zero + 1)..]) : OldText.Decode(bytes[..zero]);
    }

    /// <param name="old">The name in an old encoding: its characters give the low bytes where only the high one differs.</param>
    /// <param name="encoded">The high byte that most characters share; then groups of a byte with four kinds, two bits each, and what these need.</param>
    private static string Decode(ReadOnlySpan<byte> old, ReadOnlySpan<byte> encoded)
    {
        var name = new StringBuilder(old.Length);
        var high = encoded[0] << 8;
        var rest = encoded[1..];
        var (kinds, kindsLeft) = (0, 0);
        while (rest.Length > 0)
        {
            if (kindsLeft == 0)
            {
                (kinds, kindsLeft) = (rest[0], 4);
                rest = rest[1..];
            }

            var kind = (kinds >> (2 * --kindsLeft)) & 3;
            var needed = kind == 2 ? 2 : 1;
            if (rest.Length < needed)
            {
                break;
            }

            var first = rest[0];
            switch (kind)
            {
                case 0:
                    name.Append((char)first);
                    break;
                case 1:
                    name.Append((char)(first | high));
                    break;
                case 2:
                    name.Append((char)(first | (rest[1] << 8)));
                    break;
                default:
                    // A run of the old name: as it is, or each character moved by a number and with the high byte.
                    var isMoved = (first & 0x80) != 0;
                    if (isMoved && rest.Length < 2)
                    {
                        return name.ToString();
                    }

                    needed = isMoved ? 2 : 1;
                    for (var left = (first & 0x7F) + 2; left > 0 && name.Length < old.Length; left--)
                    {
                        var character = old[name.Length];
                        name.Append(isMoved ? (char)((byte)(character + rest[1]) | high) : (char)character);
                    }

                    break;
            }

            rest = rest[needed..];
        }

        return name.ToString();
    }
}
