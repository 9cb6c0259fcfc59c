using System.Collections;

namespace Distribyted.Configuration;

/// <summary>The environment: <c>DISTRIBYTED_</c> and the path in upper case. Names come from the table, never from splitting at "_".</summary>
internal sealed class VariableSource(Action<Key, ConfigNode> take, ConfigurationReport report)
{
    private const string Prefix = "DISTRIBYTED_";

    public void Read(IDictionary environment)
    {
        var keys = Keys
            .All.Where(k => !k.IsFileOnly && !k.IsAlias || k.Path is "http.user" or "http.pass")
            .ToDictionary(k => k.Variable, StringComparer.Ordinal);
        var later = LaterKeys.All.ToDictionary(p => Prefix + p.Replace('.', '_').ToUpperInvariant(), StringComparer.Ordinal);
        var names = environment
            .Keys.Cast<object>()
            .Select(n => n.ToString() ?? "")
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal));
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var value = environment[name] as string;
            if (string.IsNullOrEmpty(value) || name == ConfigurationFile.Variable)
            {
                continue;
            }

            var origin = Origin.Variable(name);
            if (keys.TryGetValue(name, out var key))
            {
                if (!key.ZeroFlagIsNothing || value != "0")
                {
                    take(key, ConfigNode.Given(value, origin));
                }
            }
            else if (later.TryGetValue(name, out var path))
            {
                if (LaterKeys.Warning(path, ConfigNode.Given(value, origin)) is { } words)
                {
                    report.Warn(origin, path, words);
                }
            }
            else
            {
                var nearest = Spelling.Nearest(name, keys.Keys.Concat(later.Keys));
                report.Warn(origin, "", "there is no such variable." + (nearest is null ? "" : $" Did you mean {nearest}?"));
            }
        }
    }
}
