using System.Globalization;

namespace Distribyted.WebDav.Headers;

/// <summary>The header <c>Timeout</c> of a LOCK (RFC 4918 section 10.7): what the client asks for; the server decides.</summary>
internal static class TimeoutHeader
{
    /// <summary>Time of a lock for which no time was asked.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(10);

    /// <summary>The first time of the list that can be read, clamped to 1 second and <paramref name="longest"/>; never an error:
    /// <c>Infinite, Second-4100000000</c> is what a popular client sends.</summary>
    public static TimeSpan Read(string? header, TimeSpan longest)
    {
        foreach (var part in (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Equals("Infinite", StringComparison.OrdinalIgnoreCase))
            {
                return longest;
            }

            const string Prefix = "Second-";
            var digits = part.AsSpan(Math.Min(part.Length, Prefix.Length));
            if (!part.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            {
                continue;
            }

            var seconds = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : ulong.MaxValue;
            return TimeSpan.FromSeconds(Math.Clamp(seconds, 1, (ulong)longest.TotalSeconds));
        }

        return Default < longest ? Default : longest;
    }
}
