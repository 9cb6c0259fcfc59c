using System.Text;

namespace Distribyted.Configuration;

/// <summary>Comments out keys that do not exist here, with what is indented under them: files for earlier versions may hold keys that those ignored in silence.</summary>
internal static class UnknownKeys
{
    /// <summary>Begins the message of a mistake that can be put right this way.</summary>
    public const string NoSuchKey = "there is no such key.";

    /// <summary>The text without those keys, and the lines that were commented out, counted from 1.</summary>
    public static (string Text, IReadOnlyList<int> Lines) CommentOut(string text, IEnumerable<Mistake> mistakes)
    {
        var lines = text.Split('\n');
        var done = new SortedSet<int>();
        foreach (var mistake in mistakes)
        {
            var first = mistake.Origin.Line - 1;
            var isOwnLine = first >= 0 && first < lines.Length && Indent(lines[first]) == mistake.Origin.Column - 1;
            if (!isOwnLine || !mistake.Problem.StartsWith(NoSuchKey, StringComparison.Ordinal))
            {
                continue; // a key in a flow mapping, or after "- ", cannot be taken out as a line
            }

            done.Add(first);
            for (var i = first + 1; i < lines.Length && BelongsTo(lines[first], lines[i]); i++)
            {
                if (!IsIdle(lines[i]))
                {
                    done.Add(i);
                }
            }
        }

        var result = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            result.Append(done.Contains(i) ? "#" + lines[i] : lines[i]).Append(i + 1 < lines.Length ? "\n" : "");
        }

        return (result.ToString(), [.. done.Select(i => i + 1)]);
    }

    // YAML lets the items of a list stand as far left as their key.
    private static bool BelongsTo(string key, string line)
    {
        var isItem = line.TrimStart(' ').StartsWith("- ", StringComparison.Ordinal) && Indent(line) == Indent(key);
        return IsIdle(line) || Indent(line) > Indent(key) || isItem;
    }

    // Empty, or a comment, which may stand anywhere.
    private static bool IsIdle(string line)
    {
        return line.AsSpan().Trim() is [] or ['#', ..];
    }

    private static int Indent(string line)
    {
        return line.Length - line.TrimStart(' ').Length;
    }
}
