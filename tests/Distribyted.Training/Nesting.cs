namespace Distribyted.Training;

/// <summary>Texts with brackets in brackets.</summary>
internal static class Nesting
{
    /// <summary>Where a character first stands outside of all brackets; -1: nowhere.</summary>
    public static int IndexOf(string text, char wanted)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (depth == 0 && text[i] == wanted)
            {
                return i;
            }

            depth += Step(text[i]);
        }

        return -1;
    }

    /// <summary>Parts between commas outside of all brackets; none of an empty text.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        List<string> parts = [];
        while (text.Length > 0)
        {
            var comma = IndexOf(text, ',');
            parts.Add(comma < 0 ? text : text[..comma]);
            text = comma < 0 ? "" : text[(comma + 1)..];
        }

        return parts;
    }

    private static int Step(char character)
    {
        return character switch
        {
            '[' => 1,
            ']' => -1,
            _ => 0,
        };
    }
}
