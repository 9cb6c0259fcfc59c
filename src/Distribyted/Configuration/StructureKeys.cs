namespace Distribyted.Configuration;

/// <summary>Keys whose value is one of a few words, a map, or a list of objects.</summary>
internal static class StructureKeys
{
    extension(Key)
    {
        public static Key Switch(string path, Func<Settings, bool> get, Action<Settings, bool> set)
        {
            return new Key(
                path,
                settings => get(settings) ? "true" : "false",
                (settings, node) =>
                {
                    if (!node.TryBool(out var value))
                    {
                        return $"{node.Quote()} is not true or false.";
                    }

                    set(settings, value);
                    return null;
                }
            )
            {
                IsSwitch = true,
            };
        }

        public static Key Word<T>(string path, IReadOnlyList<(string Word, T Value)> words, Func<Settings, T> get, Action<Settings, T> set)
            where T : struct
        {
            return new Key(
                path,
                settings => words.First(w => EqualityComparer<T>.Default.Equals(w.Value, get(settings))).Word,
                (settings, node) =>
                {
                    foreach (var (word, value) in words)
                    {
                        if (node.Kind == NodeKind.Text && string.Equals(word, node.Text, StringComparison.OrdinalIgnoreCase))
                        {
                            set(settings, value);
                            return null;
                        }
                    }

                    return $"{node.Quote()} is not one of {string.Join(", ", words.Select(w => w.Word))}.";
                }
            );
        }

        /// <summary>A map of names to words.</summary>
        public static Key Map(string path, Func<Settings, string> show, Func<Settings, IReadOnlyList<ConfigMember>, string?> set)
        {
            return new Key(
                path,
                show,
                (settings, node) =>
                {
                    return node.Kind switch
                    {
                        NodeKind.Map => set(settings, node.Members),
                        NodeKind.Text when TryPairs(node, out var members) => set(settings, members),
                        _ => $"{node.Quote()} is not a map. Use {{Name: value}}, in a variable or flag Name=value,Name=value.",
                    };
                }
            );
        }

        /// <summary>A list of objects, read by <paramref name="read"/>, which reports each mistake at its own place.</summary>
        public static Key Objects(string path, Func<Settings, string> show, Action<Settings, ConfigNode, ConfigurationReport> read)
        {
            return new Key(path, show, read);
        }
    }

    private static bool TryPairs(ConfigNode node, out List<ConfigMember> members)
    {
        members = [];
        foreach (var pair in node.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                return false;
            }

            members.Add(new ConfigMember(pair[..at].Trim(), node.Origin, ConfigNode.Given(pair[(at + 1)..].Trim(), node.Origin)));
        }

        return true;
    }
}
