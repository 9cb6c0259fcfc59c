using System.Globalization;
using System.Net;

namespace Distribyted.Configuration;

/// <summary>One row of the table in <see cref="Keys"/>: how a key is read, judged, put into the rooms' options, and shown.</summary>
internal sealed class Key
{
    private readonly Func<Settings, ConfigNode, string?>? _value;
    private readonly Action<Settings, ConfigNode, ConfigurationReport>? _whole;

    private Key(string path, Func<Settings, string> show, Func<Settings, ConfigNode, string?> value)
    {
        Path = path;
        Show = show;
        _value = value;
    }

    private Key(string path, Func<Settings, string> show, Action<Settings, ConfigNode, ConfigurationReport> whole)
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

    public bool IsSecret { get; private init; }

    /// <summary>A flag of this key may stand alone and means true.</summary>
    public bool IsSwitch { get; private init; }

    /// <summary>One comma-separated text is a list.</summary>
    public bool IsList { get; private init; }

    /// <summary>One text <c>Name=value,Name=value</c> is a map.</summary>
    public bool IsMap { get; private init; }

    /// <summary>0 in a variable or flag leaves the key alone: the Go program's users have it in their units.</summary>
    public bool ZeroFlagIsNothing { get; init; }

    /// <summary>A name of another program for a key of ours: it is not in the template.</summary>
    public bool IsAlias { get; set; }

    /// <summary>It keeps traffic in or somebody out: left out by mistake it lets something through.</summary>
    public bool Restricts { get; set; }

    public string Section => Path[..Math.Max(0, Path.LastIndexOf('.'))];

    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    public string Variable => "DISTRIBYTED_" + Path.Replace('.', '_').ToUpperInvariant();

    public string Flag => "--" + Path.Replace('.', '-').Replace('_', '-');

    /// <summary>Reads, judges and sets. False: the report says why and nothing was set.</summary>
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

    public static Key Switch(string path, Func<Settings, bool> get, Action<Settings, bool> set)
    {
        return new Key(
            path,
            settings => get(settings) ? "true" : "false",
            (settings, node) =>
            {
                if (!TryBool(node, out var value))
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

    public static Key Port(
        string path,
        string zero,
        string? minusOne,
        Func<Settings, int> get,
        Action<Settings, int> set,
        bool zeroFlagIsNothing = false
    )
    {
        var limits = new Limits(1, 65535) { Zero = zero, MinusOne = minusOne };
        return new Key(
            path,
            settings => get(settings).ToString(CultureInfo.InvariantCulture),
            (settings, node) =>
            {
                if (node.Kind != NodeKind.Text || !Quantities.TryNumber(node.Text, out var port) || !limits.Takes(port))
                {
                    return $"{node.Quote()} is not a port. {limits}";
                }

                set(settings, (int)port);
                return null;
            }
        )
        {
            ZeroFlagIsNothing = zeroFlagIsNothing,
        };
    }

    public static Key Number(string path, Limits limits, Func<Settings, int> get, Action<Settings, int> set)
    {
        return Quantity(
            path,
            limits,
            1,
            "number",
            text => Quantities.TryNumber(text, out var value) ? value : null,
            settings => get(settings),
            (settings, value) => set(settings, (int)value),
            ""
        );
    }

    public static Key Megabytes(string path, Limits limits, Func<Settings, long> get, Action<Settings, long> set)
    {
        return Quantity(
            path,
            limits,
            1 << 20,
            "size",
            text => Quantities.TrySize(text, 1 << 20, out var bytes) ? bytes : null,
            settings => get(settings),
            (settings, value) => set(settings, (long)value),
            "Use megabytes (2048) or a unit (2GiB)."
        );
    }

    public static Key Seconds(string path, Limits limits, Func<Settings, TimeSpan> get, Action<Settings, TimeSpan> set)
    {
        return Quantity(
            path,
            limits,
            1,
            "duration",
            text => Quantities.TrySeconds(text, 1, out var seconds) ? seconds : null,
            settings => get(settings) == Timeout.InfiniteTimeSpan ? -1 : get(settings).TotalSeconds,
            (settings, value) => set(settings, value == -1 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(value)),
            "Use seconds (120) or a unit (2m)."
        );
    }

    public static Key Rate(string path, Limits limits, Func<Settings, long> get, Action<Settings, long> set)
    {
        return Quantity(
            path,
            limits,
            1,
            "rate",
            text => Quantities.TryRate(text, out var bytes) ? bytes : null,
            settings => get(settings),
            (settings, value) => set(settings, (long)value),
            "Use bytes a second (1048576) or a unit (1MB/s, 8Mbit)."
        );
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

    /// <summary>A text; <paramref name="judge"/> says what is wrong with it, or null.</summary>
    public static Key Text(string path, Func<string, string?> judge, Func<Settings, string> get, Action<Settings, string> set)
    {
        return new Key(
            path,
            settings => $"\"{get(settings)}\"",
            (settings, node) =>
            {
                if (node.Kind != NodeKind.Text)
                {
                    return $"{node.Quote()} is not a text.";
                }

                if (judge(node.Text) is { } wrong)
                {
                    return $"{node.Quote()} {wrong}";
                }

                set(settings, node.Text);
                return null;
            }
        );
    }

    /// <summary>A path of a file or folder, relative to the working directory.</summary>
    public static Key Folder(string path, bool mayBeEmpty, Func<Settings, string> get, Action<Settings, string> set)
    {
        return Text(
            path,
            text =>
                text.Length == 0 && !mayBeEmpty ? "is empty. Name a folder."
                : text.Contains('\0', StringComparison.Ordinal) ? "is not a path."
                : null,
            get,
            set
        );
    }

    public static Key Secret(string path, Func<Settings, string> get, Action<Settings, string> set)
    {
        return new Key(
            path,
            settings => get(settings).Length > 0 ? "set" : "not set",
            (settings, node) =>
            {
                if (node.Kind != NodeKind.Text || node.Text.Length > 128) // empty, as in files of the Go program: not given
                {
                    return "it must have at most 128 characters.";
                }

                set(settings, node.Text);
                return null;
            }
        )
        {
            IsSecret = true,
        };
    }

    /// <summary>One address; an empty text is null.</summary>
    public static Key Address(string path, Func<Settings, IPAddress?> get, Action<Settings, IPAddress?> set)
    {
        return new Key(
            path,
            settings => get(settings)?.ToString() ?? "\"\"",
            (settings, node) =>
            {
                if (node.Kind == NodeKind.Text && node.Text.Length == 0)
                {
                    set(settings, null);
                    return null;
                }

                if (node.Kind != NodeKind.Text || !IPAddress.TryParse(node.Text, out var address) || IsShortForm(node.Text, address))
                {
                    return $"{node.Quote()} is not an address. Use an IPv4 or IPv6 address such as 192.168.1.10, without brackets or port.";
                }

                set(settings, address);
                return null;
            }
        );
    }

    /// <summary>A list of addresses, or one text with commas between them.</summary>
    public static Key Addresses(string path, Func<Settings, IReadOnlyList<IPAddress>> get, Action<Settings, IReadOnlyList<IPAddress>> set)
    {
        return Texts(
            path,
            text =>
                IPAddress.TryParse(text, out var address) && !IsShortForm(text, address)
                    ? null
                    : "is not an address. Use an IPv4 or IPv6 address such as 192.168.1.10.",
            settings => [.. get(settings).Select(a => a.ToString())],
            (settings, texts) => set(settings, [.. texts.Select(IPAddress.Parse)])
        );
    }

    /// <summary>A list of texts, or one text with commas between them; <paramref name="judge"/> says what is wrong with one.</summary>
    public static Key Texts(
        string path,
        Func<string, string?> judge,
        Func<Settings, IReadOnlyList<string>> get,
        Action<Settings, IReadOnlyList<string>> set
    )
    {
        return new Key(
            path,
            settings => "[" + string.Join(", ", get(settings)) + "]",
            (settings, node) =>
            {
                var texts = new List<string>();
                foreach (var item in ListOf(node))
                {
                    if (item.Kind != NodeKind.Text)
                    {
                        return $"{item.Quote()} stands where a text is expected.";
                    }

                    if (judge(item.Text) is { } wrong)
                    {
                        return $"{item.Quote()} {wrong}";
                    }

                    texts.Add(item.Text);
                }

                set(settings, texts);
                return null;
            }
        )
        {
            IsList = true,
        };
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
        )
        {
            IsMap = true,
        };
    }

    /// <summary>A list of objects, read by <paramref name="read"/>, which reports each mistake at its own place.</summary>
    public static Key Objects(string path, Func<Settings, string> show, Action<Settings, ConfigNode, ConfigurationReport> read)
    {
        return new Key(path, show, read);
    }

    /// <summary>The items of a list; a text is split at commas, an empty one is an empty list.</summary>
    public static IEnumerable<ConfigNode> ListOf(ConfigNode node)
    {
        return node.Kind switch
        {
            NodeKind.List => node.Items,
            NodeKind.Text => node
                .Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(text => ConfigNode.Given(text, node.Origin)),
            _ => [node],
        };
    }

    public static bool TryBool(ConfigNode node, out bool value)
    {
        value = node.Text.ToUpperInvariant() is "TRUE" or "YES" or "ON";
        return node.Kind == NodeKind.Text && (value || node.Text.ToUpperInvariant() is "FALSE" or "NO" or "OFF");
    }

    private static Key Quantity(
        string path,
        Limits limits,
        double unit,
        string noun,
        Func<string, double?> parse,
        Func<Settings, double> get,
        Action<Settings, double> set,
        string example
    )
    {
        return new Key(
            path,
            settings => Shown(get(settings), unit),
            (settings, node) =>
            {
                if (node.Kind != NodeKind.Text || parse(node.Text) is not { } value)
                {
                    return $"{node.Quote()} is not a {noun}. {(example.Length > 0 ? example : limits.ToString())}";
                }

                var inUnits = value / unit;
                if (!limits.Takes(inUnits))
                {
                    return $"{node.Quote()} is out of range. {limits}";
                }

                set(
                    settings,
                    inUnits == 0 && limits.ZeroIsDefault ? get(new Settings())
                        : inUnits == -1 ? -1
                        : value
                );
                return null;
            }
        );
    }

    private static string Shown(double value, double unit)
    {
        var inUnits = value == -1 ? -1 : value / unit;
        return inUnits == Math.Floor(inUnits)
            ? inUnits.ToString("0", CultureInfo.InvariantCulture)
            : value.ToString("0.###", CultureInfo.InvariantCulture) + (unit > 1 ? "B" : "");
    }

    // IPAddress takes "1" and "0x7f.1"; nobody who writes them means an address.
    private static bool IsShortForm(string text, IPAddress address)
    {
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(c => c == '.') != 3;
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
