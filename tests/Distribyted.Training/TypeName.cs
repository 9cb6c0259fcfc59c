namespace Distribyted.Training;

/// <summary>A type as the runtime writes it: <c>int</c>, <c>Space.Outer`1+Inner[Argument]</c>, <c>Space.Type[]</c>.</summary>
/// <param name="Name">Without arguments.</param>
/// <param name="Arguments">Of the type and of those that it is nested in, in this order.</param>
/// <param name="IsArray">A one-dimensional array of it.</param>
internal sealed record TypeName(string Name, IReadOnlyList<TypeName> Arguments, bool IsArray)
{
    public static TypeName Parse(string text)
    {
        if (text.EndsWith("[]", StringComparison.Ordinal))
        {
            return new TypeName("", [Parse(text[..^2])], IsArray: true);
        }

        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open <= 0 || text[^1] != ']')
        {
            return new TypeName(text, [], IsArray: false);
        }

        return new TypeName(text[..open], [.. Nesting.Split(text[(open + 1)..^1]).Select(Parse)], IsArray: false);
    }
}
