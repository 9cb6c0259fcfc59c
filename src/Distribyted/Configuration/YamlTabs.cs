using System.Text;
using YamlDotNet.Core;

namespace Distribyted.Configuration;

/// <summary>Lines that hold nothing but a comment may begin with tabs, and empty ones may hold tabs (YAML 1.2 sections 6.2 and 6.6). The parser refuses
/// both; templates of earlier versions have them.</summary>
internal static class YamlTabs
{
    /// <summary>The same text with spaces for those tabs if it cannot be parsed otherwise. Lines and columns stay.</summary>
    /// <remarks>Not always: in a block scalar such a line is text.</remarks>
    public static string Readable(string text)
    {
        if (!text.Contains('\t', StringComparison.Ordinal) || Parses(text))
        {
            return text;
        }

        var result = new StringBuilder(text);
        foreach (var i in InIdleLines(text))
        {
            result[i] = ' ';
        }

        return result.ToString();
    }

    private static bool Parses(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            while (parser.MoveNext())
            {
                // Whether it gets to the end is all that is asked.
            }

            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false; // the library throws many kinds
        }
    }

    // Tabs between the start of a line and its comment or its end.
    private static IEnumerable<int> InIdleLines(string text)
    {
        var start = 0;
        while (start < text.Length)
        {
            var first = start;
            while (first < text.Length && text[first] is ' ' or '\t')
            {
                first++;
            }

            if (first == text.Length || text[first] is '#' or '\r' or '\n')
            {
                for (var i = start; i < first; i++)
                {
                    if (text[i] == '\t')
                    {
                        yield return i;
                    }
                }
            }

            var end = text.IndexOf('\n', first);
            start = end < 0 ? text.Length : end + 1;
        }
    }
}
