using System.Globalization;

namespace Distribyted.Dashboard.Text;

/// <summary>Numbers in the form for users. The same for every language setting of the machine.</summary>
internal static class Say
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    private static readonly string[] RateUnits = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];

    /// <summary>An amount of data: three digits and a unit, such as <c>1.25 GiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        return Amount(bytes, 1024, Units);
    }

    /// <summary>A rate, such as <c>3.2 MB/s</c>: in powers of 1,000, as lines are sold and as the engine says why a reader waits.</summary>
    public static string Rate(long bytesPerSecond)
    {
        return Amount(bytesPerSecond, 1000, RateUnits);
    }

    /// <summary>A time span in its two largest units, such as <c>2 min 5 s</c>.</summary>
    public static string Time(double seconds)
    {
        var whole = (long)Math.Round(Math.Max(0, seconds));
        return whole switch
        {
            < 60 => $"{whole} s",
            < 3600 => Two(whole / 60, "min", whole % 60, "s"),
            < 86_400 => Two(whole / 3600, "h", whole % 3600 / 60, "min"),
            _ => Two(whole / 86_400, "d", whole % 86_400 / 3600, "h"),
        };
    }

    /// <summary>A part of a whole, such as <c>42 %</c>. 100 % only when nothing is missing, 0 % only when nothing is there.</summary>
    public static string Percent(long part, long whole)
    {
        if (whole <= 0 || part <= 0)
        {
            return "0 %";
        }

        return part >= whole ? "100 %" : $"{Math.Clamp(part * 100 / whole, 1, 99)} %";
    }

    /// <summary>A number of things, such as <c>1 peer</c> and <c>2 peers</c>.</summary>
    public static string Count(long number, string one, string? many = null)
    {
        return number.ToString("#,0", CultureInfo.InvariantCulture) + " " + (number == 1 ? one : many ?? one + "s");
    }

    /// <summary>A number with commas between thousands.</summary>
    public static string Number(long number)
    {
        return number.ToString("#,0", CultureInfo.InvariantCulture);
    }

    /// <summary>A reason of the engine as a sentence: with a capital letter and a full stop.</summary>
    public static string Sentence(string text)
    {
        var trimmed = text.Trim();
        return trimmed.Length == 0 ? "" : char.ToUpperInvariant(trimmed[0]) + trimmed[1..] + (trimmed[^1] is '.' or '!' or '?' ? "" : ".");
    }

    /// <summary>How long ago, such as <c>5 min ago</c>.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now)
    {
        var seconds = (now - then).TotalSeconds;
        return seconds switch
        {
            < 60 => "just now",
            < 3600 => $"{(long)seconds / 60} min ago",
            < 86_400 => $"{(long)seconds / 3600} h ago",
            _ => then.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    private static string Amount(long bytes, int step, string[] units)
    {
        var (value, unit) = ((double)Math.Max(0, bytes), 0);
        while (value >= 999.5 && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        var format =
            unit == 0 || value >= 99.95 ? "0"
            : value >= 9.995 ? "0.#"
            : "0.##";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + units[unit];
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit)
    {
        return small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
    }
}
