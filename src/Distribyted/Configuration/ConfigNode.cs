namespace Distribyted.Configuration;

/// <summary>A value of the file with the place where it stands; a variable or flag gives the same shape. Immutable.</summary>
internal sealed class ConfigNode
{
    private ConfigNode(NodeKind kind, Origin origin)
    {
        Kind = kind;
        Origin = origin;
    }

    public NodeKind Kind { get; }

    public Origin Origin { get; }

    /// <summary>The scalar as written, without quotes.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Whether it stood in quotes: then it is text, whatever it looks like.</summary>
    public bool IsQuoted { get; private init; }

    public IReadOnlyList<ConfigNode> Items { get; private init; } = [];

    public IReadOnlyList<ConfigMember> Members { get; private init; } = [];

    public static ConfigNode Scalar(string text, bool isQuoted, Origin origin)
    {
        var isNull = !isQuoted && text is "" or "~" or "null" or "Null" or "NULL";
        return new ConfigNode(isNull ? NodeKind.Null : NodeKind.Text, origin) { Text = text, IsQuoted = isQuoted };
    }

    /// <summary>A text of a variable or flag: never null, an empty one is an empty text.</summary>
    public static ConfigNode Given(string text, Origin origin)
    {
        return new ConfigNode(NodeKind.Text, origin) { Text = text };
    }

    public static ConfigNode List(IReadOnlyList<ConfigNode> items, Origin origin)
    {
        return new ConfigNode(NodeKind.List, origin) { Items = items };
    }

    public static ConfigNode Map(IReadOnlyList<ConfigMember> members, Origin origin)
    {
        return new ConfigNode(NodeKind.Map, origin) { Members = members };
    }

    /// <summary>The items of a list; a text is split at commas, an empty one is an empty list.</summary>
    public IEnumerable<ConfigNode> AsList()
    {
        return Kind switch
        {
            NodeKind.List => Items,
            NodeKind.Text => Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(text => Given(text, Origin)),
            _ => [this],
        };
    }

    /// <summary>Reads <c>true</c>, <c>yes</c>, <c>on</c> and their opposites.</summary>
    public bool TryBool(out bool value)
    {
        value = Text.ToUpperInvariant() is "TRUE" or "YES" or "ON";
        return Kind == NodeKind.Text && (value || Text.ToUpperInvariant() is "FALSE" or "NO" or "OFF");
    }

    /// <summary>The scalar as a message quotes it: numbers plain, everything else in quotes, long ones shortened.</summary>
    public string Quote()
    {
        var text = Text.Length > 60 ? Text[..57] + "..." : Text;
        var isNumber = !IsQuoted && text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c is '-' or '.' or '_');
        return Kind switch
        {
            NodeKind.List => "a list",
            NodeKind.Map => "a section",
            _ => isNumber ? text : $"\"{text}\"",
        };
    }
}
