namespace Distribyted.Http.Files;

/// <summary>Entity tags as headers have them (RFC 9110 section 8.8.3), and lists of them as in If-Match and If-None-Match, read without making objects.</summary>
public static class EntityTags
{
    /// <summary>A tag of ours, which is always strong, with its quotes.</summary>
    public static string Quote(string tag)
    {
        return "\"" + tag + "\"";
    }

    /// <summary>Whether a list names a tag.</summary>
    /// <param name="list">The header, lines joined by commas.</param>
    /// <param name="tag">Ours: strong, without quotes; empty: we have none, which equals nothing.</param>
    /// <param name="weak">Weak comparison: <c>W/</c> does not matter (section 8.8.3.2).</param>
    public static bool Matches(ReadOnlySpan<char> list, ReadOnlySpan<char> tag, bool weak)
    {
        var rest = list;
        while (true)
        {
            rest = rest.TrimStart([' ', '\t', ',']);
            var isWeak = rest.StartsWith("W/", StringComparison.Ordinal);
            if (isWeak)
            {
                rest = rest[2..];
            }

            if (rest is not ['"', ..] || rest[1..].IndexOf('"') is var end && end < 0)
            {
                return false; // the end, or not a list from here on
            }

            if ((weak || !isWeak) && !tag.IsEmpty && rest.Slice(1, end).SequenceEqual(tag))
            {
                return true;
            }

            rest = rest[(end + 2)..];
        }
    }
}
