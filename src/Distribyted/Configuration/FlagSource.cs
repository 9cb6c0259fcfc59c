namespace Distribyted.Configuration;

/// <summary>The command line: <c>--</c> and the path with "-" for "." and "_"; <c>--flag value</c> or <c>--flag=value</c>.</summary>
internal sealed class FlagSource(Action<Key, ConfigNode> apply, ConfigurationReport report)
{
    private static readonly Dictionary<string, Key> ByFlag = Keys
        .All.Where(k => !k.IsFileOnly)
        .ToDictionary(k => k.Flag, StringComparer.Ordinal);

    private static readonly Dictionary<string, string> Later = LaterKeys.All.ToDictionary(
        p => "--" + p.Replace('.', '-').Replace('_', '-'),
        StringComparer.Ordinal
    );

    public void Read(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            var origin = Origin.Flag(name);
            var hasKey = ByFlag.TryGetValue(name, out var key);
            var path = key?.Path;
            if (!hasKey && !Later.TryGetValue(name, out path))
            {
                var nearest = Spelling.Nearest(name, ByFlag.Keys.Concat(Later.Keys).Concat(["--config", "--help", "--version"]));
                var kind = name.StartsWith('-') ? "flag" : "command";
                report.Wrong(origin, "", $"there is no such {kind}." + (nearest is null ? "" : $" Did you mean {nearest}?"));
                if (kind == "flag" && equals < 0 && i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-'))
                {
                    i++; // its value: one mistake is enough
                }

                continue;
            }

            string value;
            if (equals >= 0)
            {
                value = argument[(equals + 1)..];
            }
            else if (
                i + 1 < arguments.Count
                && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal)
                && !(key is { IsSwitch: true } && !IsBool(arguments[i + 1]))
            )
            {
                value = arguments[++i];
            }
            else if (key is { IsSwitch: true } or null)
            {
                value = "true";
            }
            else
            {
                report.Wrong(origin, path!, "a value is missing. Write " + name + "=VALUE.");
                continue;
            }

            Apply(key, path!, ConfigNode.Given(value, origin));
        }
    }

    private static bool IsBool(string text)
    {
        return ConfigNode.Given(text, Origin.Default).TryBool(out _);
    }

    private void Apply(Key? key, string path, ConfigNode node)
    {
        if (key is null)
        {
            LaterKeys.Report(node.Origin, path, node, report);
            return;
        }

        if (key.IsSecret)
        {
            report.Warn(node.Origin, path, $"everybody on this machine sees it in the process list. Use {key.Variable} or {path}_file.");
        }

        if (!key.ZeroFlagIsNothing || node.Text != "0")
        {
            apply(key, node);
        }
    }
}
