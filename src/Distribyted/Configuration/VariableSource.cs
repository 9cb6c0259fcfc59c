using System.Collections;

namespace Distribyted.Configuration;

/// <summary>The environment: <c>DISTRIBYTED_</c> and the path in upper case. Names come from the table, never from splitting at "_".</summary>
internal sealed class VariableSource(Action<Key, ConfigNode> apply, ConfigurationReport report)
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
        var links = new List<string>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var value = environment[name] as string;
            if (name == ConfigurationFile.Variable)
            {
                continue;
            }

            var origin = Origin.Variable(name);
            if (string.IsNullOrEmpty(value))
            {
                Empty(origin, keys, later);
                continue;
            }

            if (ServiceLink.IsOne(name, value))
            {
                links.Add(name);
            }
            else if (keys.TryGetValue(name, out var key))
            {
                if (!key.ZeroFlagIsNothing || value != "0")
                {
                    apply(key, ConfigNode.Given(value, origin));
                }
            }
            else if (later.TryGetValue(name, out var path))
            {
                LaterKeys.Report(origin, path, ConfigNode.Given(value, origin), report);
            }
            else
            {
                Unknown(origin, Spelling.Nearest(name, keys.Keys.Concat(later.Keys)), keys, later);
            }
        }

        if (links.Count > 0)
        {
            var more = links.Count == 1 ? "it is" : $"it and {links.Count - 1} more are";
            report.Warn(
                Origin.Variable(links.Find(keys.ContainsKey) ?? links[0]),
                "",
                $"{more} set by Kubernetes or Docker for a service of this name, and not read. enableServiceLinks: false ends that."
            );
        }
    }

    // Not set, as rule and habit have it; where that lets something through it may be a slip: "${VPN_ADDRESS}" of nothing.
    private void Empty(Origin origin, Dictionary<string, Key> keys, Dictionary<string, string> later)
    {
        var restricts = keys.TryGetValue(origin.Name, out var key)
            ? key.Restricts
            : later.TryGetValue(origin.Name, out var path) && LaterKeys.Restricts(path);
        if (restricts)
        {
            report.Warn(origin, "", "it is empty, which counts as not set.");
        }
    }

    // Containers inherit variables, so most unknown ones are only warnings. One letter wrong in what restricts something would let it through.
    private void Unknown(Origin origin, string? nearest, Dictionary<string, Key> keys, Dictionary<string, string> later)
    {
        const string NoSuchVariable = "there is no such variable.";
        if (nearest is null)
        {
            report.Warn(origin, "", NoSuchVariable);
            return;
        }

        var restricts = keys.TryGetValue(nearest, out var key) ? key.Restricts : LaterKeys.Restricts(later[nearest]);
        Action<Origin, string, string> tell = restricts ? report.Wrong : report.Warn;
        tell(origin, "", $"{NoSuchVariable} Did you mean {nearest}?");
    }
}
