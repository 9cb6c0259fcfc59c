using System.Collections;

namespace Distribyted.Configuration;

/// <summary>Reads all sources, key by key: flags over environment over file over defaults. Never stops at the first mistake.</summary>
internal sealed class ConfigurationReader
{
    private readonly ConfigurationReport _report = new();
    private readonly Settings _settings = new();
    private readonly Dictionary<string, Origin> _origins = new(StringComparer.Ordinal);

    private ConfigurationReader() { }

    /// <summary>Reads file, environment and flags.</summary>
    /// <param name="config">Path of <c>--config</c>, or null.</param>
    /// <param name="flags">Arguments that are not commands: <c>--http-port 80</c>.</param>
    /// <param name="environment">All variables of the process.</param>
    /// <param name="mayWrite">Whether a missing file is written from the template.</param>
    public static Configured Read(string? config, IReadOnlyList<string> flags, IDictionary environment, bool mayWrite)
    {
        var reader = new ConfigurationReader();
        var variable = environment[ConfigurationFile.Variable] as string;
        var wanted = config ?? (string.IsNullOrEmpty(variable) ? null : variable);
        var by = config is not null ? Origin.Flag("--config") : Origin.Variable(ConfigurationFile.Variable);
        var file = ConfigurationFile.Find(wanted, by, mayWrite, reader._report);
        var isWhole = reader.ApplyFile(file.Name, file.Bytes);

        new VariableSource(reader.Apply, reader._report).Read(environment);
        new FlagSource(reader.Apply, reader._report).Read(flags);
        return reader.Finish(file, isWhole);
    }

    /// <summary>Reads one document alone, without environment and flags.</summary>
    public static Configured ReadText(string name, byte[] bytes)
    {
        var reader = new ConfigurationReader();
        var isWhole = reader.ApplyFile(name, bytes);
        return reader.Finish(new ConfigurationFile(name, bytes, null), isWhole);
    }

    private static IEnumerable<string> Known => Keys.All.Select(k => k.Path).Concat(LaterKeys.All);

    private Configured Finish(ConfigurationFile file, bool isWhole)
    {
        var crossCheck = new CrossCheck(_settings, new GivenKeys(_origins), _report);
        if (isWhole)
        {
            crossCheck.Run();
        }

        return new Configured(_settings, _report, _origins, file) { Users = crossCheck.Users, GeneratedFor = crossCheck.GeneratedFor };
    }

    // False: what it says is not known, so nothing can be compared with it.
    private bool ApplyFile(string name, byte[]? bytes)
    {
        if (bytes is null)
        {
            return false;
        }

        var mistakes = _report.Mistakes.Count;
        if (YamlTree.Read(name, bytes, _report) is { } root)
        {
            ApplyFile(root);
            return true;
        }

        return _report.Mistakes.Count == mistakes;
    }

    private void ApplyFile(ConfigNode root)
    {
        if (root.Kind == NodeKind.Null)
        {
            return;
        }

        if (root.Kind != NodeKind.Map)
        {
            _report.Wrong(root.Origin, "", "the file does not begin with a section such as \"torrent:\".");
            return;
        }

        foreach (var member in root.Members)
        {
            ApplyMember(member.Name, member);
        }
    }

    private void ApplyMember(string path, ConfigMember member)
    {
        if (Keys.ByPath.TryGetValue(path, out var key))
        {
            if (member.Value.Kind != NodeKind.Null)
            {
                Apply(key, member.Value);
            }
        }
        else if (LaterKeys.IsKnown(path))
        {
            LaterKeys.Report(member.Value.Origin, path, member.Value, _report);
        }
        else if (LaterKeys.IsReservedSection(path))
        {
            LaterKeys.Report(member.Origin, path, member.Value, _report);
        }
        else if (path == "archives" && member.Value.Kind == NodeKind.Text)
        {
            Apply(Keys.ByPath["archives.mode"], member.Value); // "archives: replace"
        }
        else if (Known.Any(k => k.StartsWith(path + ".", StringComparison.Ordinal)))
        {
            ApplySection(path, member);
        }
        else
        {
            _report.Wrong(member.Origin, path, UnknownKeys.NoSuchKey + Spelling.DidYouMean(path, Known));
        }
    }

    private void ApplySection(string path, ConfigMember member)
    {
        if (member.Value.Kind == NodeKind.Null)
        {
            return; // a section without content is absent: "webdav:" alone is no WebDAV, as it has always been
        }

        if (member.Value.Kind != NodeKind.Map)
        {
            _report.Wrong(member.Value.Origin, path, $"{member.Value.Quote()} stands where a section is expected.");
            return;
        }

        if (path == "webdav")
        {
            _settings.WebDavListener.HasSection = true;
        }
        else if (path == "fuse" && !member.Value.Members.Any(m => m.Name == "enabled"))
        {
            _report.Warn(member.Origin, path, "FUSE is not in this version yet; mount over WebDAV instead.");
            return;
        }

        foreach (var inner in member.Value.Members)
        {
            if (path != "fuse" || inner.Name == "enabled" || !LaterKeys.IsKnown($"fuse.{inner.Name}"))
            {
                ApplyMember($"{path}.{inner.Name}", inner);
            }
        }
    }

    private void Apply(Key key, ConfigNode node)
    {
        if (key.Apply(_settings, node, _report))
        {
            _origins[key.Path] = node.Origin;
        }

        if (key.Section == "webdav" && node.Origin.Kind is SourceKind.Variable or SourceKind.Flag)
        {
            _settings.WebDavListener.HasSection = true;
        }
    }
}
