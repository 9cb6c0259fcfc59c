using System.Globalization;

namespace Distribyted.Configuration;

/// <summary>Numbers with and without units. A plain number carries the key's own unit; KB = KiB = 1024 bytes, as it has always been here;
/// <c>bit</c> units are decimal.</summary>
internal static class Units
{
    private static readonly (string Unit, double Bytes)[] Sizes =
    [
        ("TiB", 1L << 40),
        ("GiB", 1L << 30),
        ("MiB", 1L << 20),
        ("KiB", 1L << 10),
        ("TB", 1L << 40),
        ("GB", 1L << 30),
        ("MB", 1L << 20),
        ("KB", 1L << 10),
        ("B", 1),
    ];

    private static readonly (string Unit, double Bytes)[] Bits =
    [
        ("Gbit", 1e9 / 8),
        ("Mbit", 1e6 / 8),
        ("Kbit", 1e3 / 8),
        ("bit", 1.0 / 8),
    ];

    private static readonly (string Unit, double Seconds)[] Times = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>A whole number; <c>_</c> may stand between digits.</summary>
    public static bool TryNumber(string text, out long value)
    {
        value = 0;
        return text.Length > 0
            && text[0] != '_'
            && text[^1] != '_'
            && long.TryParse(
                text.Replace("_", "", StringComparison.Ordinal),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out value
            );
    }

    /// <summary>Bytes: <c>2GiB</c>, <c>1.5TB</c>, or a plain number of <paramref name="unit"/> bytes.</summary>
    public static bool TrySize(string text, long unit, out double bytes)
    {
        if (TryNumber(text, out var plain))
        {
            bytes = plain * (double)unit;
            return true;
        }

        return TryWithUnit(text, Sizes, out bytes);
    }

    /// <summary>Bytes a second: <c>800KB/s</c>, <c>20Mbit</c>, or a plain number of bytes.</summary>
    public static bool TryRate(string text, out double bytes)
    {
        if (TryNumber(text, out var plain))
        {
            bytes = plain;
            return true;
        }

        var bare = text.EndsWith("/s", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text;
        return TryWithUnit(bare, Bits, out bytes) || (bare.Length < text.Length && TryWithUnit(bare, Sizes, out bytes));
    }

    /// <summary>Seconds: <c>1m30s</c>, <c>500ms</c>, or a plain number of <paramref name="unit"/> seconds.</summary>
    public static bool TrySeconds(string text, double unit, out double seconds)
    {
        if (TryNumber(text, out var plain))
        {
            seconds = plain * unit;
            return true;
        }

        seconds = 0;
        var rest = text.Replace(" ", "", StringComparison.Ordinal);
        if (rest.Length == 0)
        {
            return false;
        }

        while (rest.Length > 0)
        {
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            var letters = rest.Skip(digits).TakeWhile(char.IsAsciiLetter).Count();
            if (!TryWithUnit(rest[..(digits + letters)], Times, out var part))
            {
                return false;
            }

            seconds += part;
            rest = rest[(digits + letters)..];
        }

        return true;
    }

    private static bool TryWithUnit(string text, (string Unit, double Factor)[] units, out double value)
    {
        value = 0;
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var name = text[digits..].Trim();
        foreach (var (unit, factor) in units)
        {
            if (string.Equals(unit, name, StringComparison.OrdinalIgnoreCase))
            {
                var isNumber = double.TryParse(
                    text[..digits],
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var number
                );
                value = number * factor;
                return isNumber;
            }
        }

        return false;
    }
}
