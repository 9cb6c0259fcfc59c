using System.Globalization;

namespace Distribyted.Dashboard.Text;

/// <summary>Numbers in the form for users. The same for every language setting of the machine.</summary>
internal static class Say
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>An amount of data: three digits and a unit, such as <c>1.25 GiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)Math.Max(0, bytes), 0);
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var format =
            unit == 0 || value >= 99.95 ? "0"
            : value >= 9.995 ? "0.#"
            : "0.##";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>A rate, such as <c>3.2 MiB/s</c>.</summary>
    public static string Rate(long bytesPerSecond)
    {
        return Bytes(bytesPerSecond) + "/s";
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

    private static string Two(long large, string largeUnit, long small, string smallUnit)
    {
        return small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
    }
}
