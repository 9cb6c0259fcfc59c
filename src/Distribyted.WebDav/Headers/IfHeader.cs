using Distribyted.WebDav.Errors;

namespace Distribyted.WebDav.Headers;

/// <summary>One condition of a list.</summary>
/// <param name="Not">Whether it must be false.</param>
/// <param name="Token">A state token; null: an entity tag instead.</param>
/// <param name="ETag">An entity tag as it was sent, quotes and all; null: a state token instead.</param>
internal readonly record struct IfCondition(bool Not, string? Token, string? ETag);

/// <summary>Conditions that must all hold.</summary>
/// <param name="Resource">The URI that they are about; null: the request's own.</param>
/// <param name="Conditions">At least one.</param>
internal sealed record IfList(string? Resource, IReadOnlyList<IfCondition> Conditions);

/// <summary>The header <c>If</c> (RFC 4918 section 10.4): lists of which one must hold. Either all are tagged with a resource, or none is.</summary>
/// <param name="Lists">At least one.</param>
internal sealed record IfHeader(IReadOnlyList<IfList> Lists)
{
    private const int MaxConditions = 256;

    /// <summary>Every state token that stands in the header, negated or not: all of them count as submitted (section 10.4.1).</summary>
    public IEnumerable<string> Tokens => Lists.SelectMany(list => list.Conditions).Select(condition => condition.Token).OfType<string>();

    /// <summary>Reads the header.</summary>
    /// <exception cref="WebDavException">400.</exception>
    public static IfHeader Parse(string text)
    {
        var lists = new List<IfList>();
        var rest = text.AsSpan().Trim(" \t");
        var resource = default(string);
        var listsOfTag = 0;
        var conditions = 0;
        while (!rest.IsEmpty)
        {
            if (rest[0] == '<')
            {
                if (listsOfTag == 0 && lists.Count + (resource is null ? 0 : 1) > 0)
                {
                    throw Malformed(); // a tag without a list
                }

                if (resource is null && lists.Count > 0)
                {
                    throw Malformed(); // untagged lists first: the two forms do not mix
                }

                resource = Take(ref rest, '<', '>');
                listsOfTag = 0;
                continue;
            }

            var list = ReadList(ref rest);
            conditions += list.Count;
            if (conditions > MaxConditions)
            {
                throw WebDavException.BadRequest($"If may have {MaxConditions} conditions.");
            }

            lists.Add(new IfList(resource, list));
            listsOfTag++;
        }

        return listsOfTag > 0 ? new IfHeader(lists) : throw Malformed();
    }

    private static List<IfCondition> ReadList(ref ReadOnlySpan<char> rest)
    {
        if (rest[0] != '(')
        {
            throw Malformed();
        }

        rest = rest[1..].TrimStart(" \t");
        var conditions = new List<IfCondition>();
        while (!rest.IsEmpty && rest[0] != ')')
        {
            var not = rest.StartsWith("Not", StringComparison.OrdinalIgnoreCase);
            if (not)
            {
                rest = rest[3..].TrimStart(" \t");
            }

            if (rest.IsEmpty)
            {
                throw Malformed();
            }

            conditions.Add(
                rest[0] == '<' ? new IfCondition(not, Take(ref rest, '<', '>'), null) : new IfCondition(not, null, TakeETag(ref rest))
            );
        }

        if (rest.IsEmpty || conditions.Count == 0)
        {
            throw Malformed();
        }

        rest = rest[1..].TrimStart(" \t");
        return conditions;
    }

    private static string TakeETag(ref ReadOnlySpan<char> rest)
    {
        // "]" may stand inside of the quotes.
        var quote = rest.IndexOf('"');
        var close = quote < 0 ? -1 : rest[(quote + 1)..].IndexOf('"');
        if (rest[0] != '[' || close < 0 || rest[1..quote].Trim(" \t") is not "" and not "W/")
        {
            throw Malformed();
        }

        var end = quote + 1 + close + 1;
        var tag = rest[1..end].Trim(" \t").ToString();
        rest = rest[end..].TrimStart(" \t");
        if (rest.IsEmpty || rest[0] != ']')
        {
            throw Malformed();
        }

        rest = rest[1..].TrimStart(" \t");
        return tag;
    }

    private static string Take(ref ReadOnlySpan<char> rest, char open, char close)
    {
        var end = rest.IndexOf(close);
        if (rest[0] != open || end < 2 || rest[1..end].ContainsAny("< \t"))
        {
            throw Malformed();
        }

        var text = rest[1..end].ToString();
        rest = rest[(end + 1)..].TrimStart(" \t");
        return text;
    }

    private static WebDavException Malformed()
    {
        return WebDavException.BadRequest("If is not a list of conditions as in RFC 4918 section 10.4.");
    }
}
