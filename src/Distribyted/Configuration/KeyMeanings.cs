using System.Text;
using System.Text.RegularExpressions;

namespace Distribyted.Configuration;

/// <summary>What each key means, in one sentence: the comments of the template, so that the file and the settings page say the same.</summary>
internal static partial class KeyMeanings
{
    /// <summary>The meanings by the path of their key. Comments stand above a key, behind it, or both.</summary>
    public static IReadOnlyDictionary<string, string> Read(byte[] template)
    {
        var meanings = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        List<string> above = [];
        foreach (var line in Encoding.UTF8.GetString(template).Split('\n'))
        {
            if (Prose().Match(line) is { Success: true } prose)
            {
                above.Add(prose.Groups["text"].Value);
                continue;
            }

            if (KeyLine().Match(line) is { Success: true } found)
            {
                var (name, behind) = (found.Groups["name"].Value, found.Groups["text"].Value);
                var isSection = found.Groups["indent"].Length == 0;
                section = isSection ? name : section;
                meanings[isSection ? name : $"{section}.{name}"] = string.Join(' ', Sentences(behind, string.Join(' ', above)));
            }

            above.Clear();
        }

        return meanings;
    }

    private static IEnumerable<string> Sentences(params string[] texts)
    {
        return from text in texts where text.Length > 0 select char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.', ':') + ".";
    }

    [GeneratedRegex("^ *# (?<text>\\S.*)$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prose();

    // Sections and their keys, which may be commented out; what is deeper belongs to examples.
    [GeneratedRegex("^(?<indent>(?:  )?)#?(?<name>[a-z_0-9]+):.*?(?: # (?<text>.*))?$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyLine();
}
