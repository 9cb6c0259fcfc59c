using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Routes.Model;

/// <summary>Tells two lists of trackers apart without keeping them: a watched file that is replaced by one with another passkey has the same hash.</summary>
internal static class TrackerKey
{
    private const int Length = 16; // hexadecimal digits
    private const int Most = 8;

    internal static string Of(IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        var text = Encoding.UTF8.GetBytes(string.Join('\n', tiers.SelectMany(static tier => tier)));
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, Length / 2));
    }

    /// <summary>Whether a list was taken before.</summary>
    /// <param name="taken">Keys, joined by spaces; null: none.</param>
    /// <param name="key">Of the list.</param>
    internal static bool IsIn(string? taken, string key)
    {
        return taken?.Contains(key, StringComparison.Ordinal) == true;
    }

    /// <summary>The last eight keys, this one the last.</summary>
    internal static string Add(string? taken, string key)
    {
        return IsIn(taken, key) ? taken! : string.Join(' ', (taken?.Split(' ') ?? []).Append(key).TakeLast(Most));
    }
}
