namespace Distribyted.Configuration;

/// <summary>One object of a list such as <c>routes</c>: its members by name, unknown ones reported.</summary>
internal sealed class ObjectReader
{
    private readonly ConfigurationReport _report;

    private ObjectReader(string path, Origin origin, IReadOnlyDictionary<string, ConfigNode> members, ConfigurationReport report)
    {
        Path = path;
        Origin = origin;
        Members = members;
        _report = report;
    }

    /// <summary><c>routes[0]</c>.</summary>
    public string Path { get; }

    public Origin Origin { get; }

    /// <summary>Members that have a value.</summary>
    public IReadOnlyDictionary<string, ConfigNode> Members { get; }

    /// <summary>The objects of a list. Whatever is not one is reported and left out.</summary>
    public static List<ObjectReader> Items(string path, ConfigNode node, string[] known, ConfigurationReport report)
    {
        var objects = new List<ObjectReader>();
        if (node.Kind == NodeKind.Null)
        {
            return objects;
        }

        if (node.Kind != NodeKind.List)
        {
            report.Wrong(node.Origin, path, $"{node.Quote()} is not a list. Begin each entry with \"- \".");
            return objects;
        }

        for (var i = 0; i < node.Items.Count; i++)
        {
            var item = node.Items[i];
            var itemPath = $"{path}[{i}]";
            if (item.Kind != NodeKind.Map)
            {
                report.Wrong(item.Origin, itemPath, $"expected {string.Join(", ", known)} here.");
                continue;
            }

            var members = new Dictionary<string, ConfigNode>(StringComparer.Ordinal);
            foreach (var member in item.Members)
            {
                if (!known.Contains(member.Name))
                {
                    var nearest = Spelling.Nearest(member.Name, known);
                    var guess = nearest is null ? $" Known are {string.Join(", ", known)}." : $" Did you mean {nearest}?";
                    report.Wrong(member.Origin, $"{itemPath}.{member.Name}", UnknownKeys.NoSuchKey + guess);
                }
                else if (member.Value.Kind != NodeKind.Null)
                {
                    members.Add(member.Name, member.Value);
                }
            }

            objects.Add(new ObjectReader(itemPath, item.Origin, members, report));
        }

        return objects;
    }

    /// <summary>A text member; empty when it is not there.</summary>
    public string Text(string name)
    {
        if (!Members.TryGetValue(name, out var node))
        {
            return "";
        }

        if (node.Kind == NodeKind.Text)
        {
            return node.Text;
        }

        _report.Wrong(node.Origin, $"{Path}.{name}", $"{node.Quote()} is not a text.");
        return "";
    }

    /// <summary>A list of texts, each checked; empty when it is not there.</summary>
    public IReadOnlyList<string> Texts(string name, Func<string, string?> check)
    {
        var texts = new List<string>();
        if (!Members.TryGetValue(name, out var node))
        {
            return texts;
        }

        foreach (var item in node.AsList())
        {
            var wrong = item.Kind != NodeKind.Text ? "is not a text." : check(item.Text);
            if (wrong is null)
            {
                texts.Add(item.Text);
            }
            else
            {
                _report.Wrong(item.Origin, $"{Path}.{name}", $"{item.Quote()} {wrong}");
            }
        }

        return texts;
    }
}
