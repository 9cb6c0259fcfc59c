namespace Distribyted.Configuration;

/// <summary>One row of the table in <see cref="Keys"/>: how a key is parsed, checked, put into the options of its part, and shown. The kinds of
/// keys are made by <see cref="NumberKeys"/>, <see cref="TextKeys"/>, <see cref="AddressKeys"/> and <see cref="StructureKeys"/>.</summary>
internal sealed class Key
{
    private readonly Func<Settings, ConfigNode, string?>? _value;
    private readonly Action<Settings, ConfigNode, ConfigurationReport>? _whole;

    /// <summary>A key with one value.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="show">See <see cref="Show"/>.</param>
    /// <param name="value">Parses, checks and sets; says what is wrong, or null.</param>
    internal Key(string path, Func<Settings, string> show, Func<Settings, ConfigNode, string?> value)
    {
        Path = path;
        Show = show;
        _value = value;
    }

    /// <summary>A list of objects.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="show">See <see cref="Show"/>.</param>
    /// <param name="whole">Parses all of it, and reports each mistake at its own place.</param>
    internal Key(string path, Func<Settings, string> show, Action<Settings, ConfigNode, ConfigurationReport> whole)
    {
        Path = path;
        Show = show;
        _whole = whole;
        IsFileOnly = true;
    }

    /// <summary><c>torrent.add_timeout</c>.</summary>
    public string Path { get; }

    /// <summary>The value in force, as it would stand in the file; of a secret only whether it is set.</summary>
    public Func<Settings, string> Show { get; }

    /// <summary>A list of objects: no variable, no flag.</summary>
    public bool IsFileOnly { get; }

    public bool IsSecret { get; init; }

    /// <summary>A flag of this key may stand alone and means true.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>0 in a variable or flag leaves the key alone: units written for earlier versions have it.</summary>
    public bool ZeroFlagIsNothing { get; init; }

    /// <summary>A name of another program for a key of ours: it is not in the template.</summary>
    public bool IsAlias { get; set; }

    /// <summary>It restricts who connects or what leaves: left out by mistake it lets something through.</summary>
    public bool Restricts { get; set; }

    public string Section => Path[..Math.Max(0, Path.LastIndexOf('.'))];

    public string Variable => "DISTRIBYTED_" + Path.Replace('.', '_').ToUpperInvariant();

    public string Flag => "--" + Path.Replace('.', '-').Replace('_', '-');

    /// <summary>Parses, checks and sets. False: the report says why and nothing was set.</summary>
    public bool Apply(Settings settings, ConfigNode node, ConfigurationReport report)
    {
        if (_whole is not null)
        {
            var before = report.Mistakes.Count;
            _whole(settings, node, report);
            return report.Mistakes.Count == before;
        }

        var wrong = _value!(settings, node);
        if (wrong is not null)
        {
            report.Wrong(node.Origin, Path, wrong);
        }

        return wrong is null;
    }
}
