namespace Distribyted.Training;

/// <summary>A type as the runtime writes it: <c>int</c>, <c>Space.Outer`1+Inner[Argument]</c>, <c>Space.Type[]</c>.</summary>
/// <param name="Name">Without arguments; <c>System.Int32</c> where the runtime writes <c>int</c>. Empty for an array.</param>
/// <param name="Arguments">Of the type and of those that it is nested in, in this order.</param>
/// <param name="IsArray">A one-dimensional array of it.</param>
internal sealed record TypeName(string Name, IReadOnlyList<TypeName> Arguments, bool IsArray)
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["void"] = "System.Void",
        ["bool"] = "System.Boolean",
        ["char"] = "System.Char",
        ["byte"] = "System.Byte",
        ["sbyte"] = "System.SByte",
        ["short"] = "System.Int16",
        ["ushort"] = "System.UInt16",
        ["int"] = "System.Int32",
        ["uint"] = "System.UInt32",
        ["long"] = "System.Int64",
        ["ulong"] = "System.UInt64",
        ["nint"] = "System.IntPtr",
        ["nuint"] = "System.UIntPtr",
        ["float"] = "System.Single",
        ["double"] = "System.Double",
    };

    public static TypeName Parse(string text)
    {
        if (text.EndsWith("[]", StringComparison.Ordinal))
        {
            return new TypeName("", [Parse(text[..^2])], IsArray: true);
        }

        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open <= 0 || text[^1] != ']')
        {
            return new TypeName(Keywords.GetValueOrDefault(text, text), [], IsArray: false);
        }

        return new TypeName(text[..open], [.. Nesting.Split(text[(open + 1)..^1]).Select(Parse)], IsArray: false);
    }

    public override string ToString()
    {
        return IsArray ? $"{Arguments[0]}[]" : Name + TextOf(Arguments);
    }

    /// <summary>Type arguments in brackets; nothing for none.</summary>
    internal static string TextOf(IReadOnlyList<TypeName> arguments)
    {
        return arguments.Count == 0 ? "" : $"[{string.Join(',', arguments)}]";
    }
}
