namespace Distribyted.Dashboard.Text;

/// <summary>What was pasted, as the things that can be added. Pure.</summary>
internal static class AddText
{
    /// <summary>Each line, and within a line each magnet link and address, without what stands around them.</summary>
    public static IReadOnlyList<string> Sources(string text)
    {
        List<string> sources = [];
        foreach (var line in text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var links = words.Select(static word => word.Trim('"', '\'', '<', '>', ',', ';')).Where(IsLink).ToArray();
            sources.AddRange(
                links.Length > 0 ? links
                : words is [var only] ? [only]
                : [line]
            );
        }

        return [.. sources.Distinct(StringComparer.Ordinal)];
    }

    private static bool IsLink(string word)
    {
        return word.StartsWith("magnet:", StringComparison.OrdinalIgnoreCase)
            || word.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || word.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
    }
}
