using System.Reflection;
using System.Text.RegularExpressions;

namespace Distribyted.Tests;

/// <summary>The layer table of src/README.md: adding a reference is a decision, not a slip.</summary>
internal sealed partial class HouseTests
{
    private static readonly Dictionary<string, string[]> Table = new(StringComparer.Ordinal)
    {
        ["Distribyted.Platform"] = ["Microsoft.Extensions."],
        ["Distribyted.BitTorrent.Protocol"] = [],
        ["Distribyted.BitTorrent.Transport"] = ["Distribyted.BitTorrent.Protocol"],
        ["Distribyted.BitTorrent.Discovery"] =
        [
            "Distribyted.BitTorrent.Protocol",
            "Distribyted.BitTorrent.Transport",
            "Microsoft.Extensions.",
        ],
        ["Distribyted.BitTorrent.Scheduling"] = ["Distribyted.BitTorrent.Protocol"],
        ["Distribyted.BitTorrent.Storage"] = ["Distribyted.BitTorrent.Protocol", "Microsoft.Extensions."],
        ["Distribyted.BitTorrent"] =
        [
            "Distribyted.BitTorrent.Protocol",
            "Distribyted.BitTorrent.Scheduling",
            "Distribyted.BitTorrent.Storage",
            "Distribyted.BitTorrent.Transport",
            "Distribyted.BitTorrent.Discovery",
            "Microsoft.Extensions.",
        ],
        ["Distribyted.FileSystem"] = [],
        ["Distribyted.Routes"] =
        [
            "Distribyted.BitTorrent",
            "Distribyted.BitTorrent.Protocol",
            "Distribyted.FileSystem",
            "LiteDB",
            "Microsoft.Extensions.",
        ],
        ["Distribyted.Http"] = ["Distribyted.FileSystem", "Microsoft."],
        ["Distribyted.WebDav"] = ["Distribyted.Http", "Distribyted.FileSystem", "Microsoft."],
        ["Distribyted.Web"] =
        [
            "Distribyted.Http",
            "Distribyted.Routes",
            "Distribyted.FileSystem",
            "Distribyted.BitTorrent",
            "Distribyted.BitTorrent.Protocol",
            "Microsoft.",
        ],
        ["Distribyted.Lab"] =
        [
            "Distribyted.BitTorrent",
            "Distribyted.BitTorrent.Storage",
            "Distribyted.BitTorrent.Protocol",
            "Distribyted.BitTorrent.Transport",
            "Microsoft.Extensions.",
        ],
    };

    // Floors of the engine, lowest first: a folder may use what stands before it. Storage keeps pieces; the floor above asks it.
    private static readonly string[] Floors = ["Peers", "Extensions"];

    // Catch everything themselves.
    private static readonly string[] RawBackground =
    [
        "Distribyted.Platform/Background.cs",
        "Distribyted.BitTorrent.Discovery/Names/HostNames.cs",
        "Distribyted.BitTorrent.Discovery/Trackers/Http/HttpTrackerBody.cs",
        "Distribyted.BitTorrent.Storage/Cache/PieceEventQueue.cs",
    ];

    private static IEnumerable<string> Rooms => Table.Keys;

    [TestCaseSource(nameof(Rooms))]
    public void A_room_references_only_what_the_table_allows(string room)
    {
        var allowed = Table[room];

        var references = Assembly.Load(room).GetReferencedAssemblies().Select(a => a.Name!);

        var others = references.Where(name =>
            !IsBase(name)
            && name != "Distribyted.Platform"
            && !allowed.Any(a => a.EndsWith('.') ? name.StartsWith(a, StringComparison.Ordinal) : name == a)
        );
        Assert.That(others, Is.Empty);
    }

    [Test]
    public void The_table_names_every_room()
    {
        var rooms = Directory
            .EnumerateDirectories(Path.Combine(House.Top, "src"))
            .Select(Path.GetFileName)
            .Where(name => name != "Distribyted");

        Assert.That(rooms, Is.EquivalentTo(Table.Keys));
    }

    [Test]
    public void The_floors_of_the_engine_look_down_only()
    {
        var engine = Path.Combine(House.Top, "src", "Distribyted.BitTorrent");
        var upward = new List<string>();
        for (var floor = 0; floor < Floors.Length; floor++)
        {
            var folder = Path.Combine(engine, Floors[floor]);
            var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories) : [];
            foreach (var file in files)
            {
                foreach (Match match in EngineUsing().Matches(File.ReadAllText(file)))
                {
                    var used = Array.IndexOf(Floors, match.Groups["floor"].Value);
                    if (used > floor && !IsPair(Floors[floor], Floors[used]))
                    {
                        upward.Add($"{Floors[floor]}/{Path.GetFileName(file)} uses {Floors[used]}");
                    }
                }
            }
        }

        Assert.That(upward, Is.Empty);
    }

    [Test]
    public void No_source_names_a_place_of_one_machine()
    {
        var sources = Directory
            .EnumerateFiles(Path.Combine(House.Top, "src"), "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".md", StringComparison.Ordinal));

        var hits = sources.Where(f => HomePath().IsMatch(File.ReadAllText(f)));

        Assert.That(hits, Is.Empty);
    }

    // An exception out of a raw pool callback or timer ends the process, and one in a task that nobody awaits is never seen.
    [Test]
    public void Work_that_nobody_awaits_is_started_by_the_helper_that_logs_its_errors()
    {
        var src = Path.Combine(House.Top, "src");
        var hits = Directory
            .EnumerateFiles(src, "*.cs", SearchOption.AllDirectories)
            .Where(f => !RawBackground.Contains(Path.GetRelativePath(src, f).Replace('\\', '/')))
            .Where(f => !f.StartsWith(Path.Combine(src, "Distribyted.Lab"), StringComparison.Ordinal)) // for tests
            .SelectMany(f => RawCall().Matches(File.ReadAllText(f)).Select(m => $"{Path.GetFileName(f)}: {m.Value.Trim()}"));

        Assert.That(hits, Is.Empty, "Use Background.");
    }

    // Peers and their extensions are one floor.
    private static bool IsPair(string lower, string upper)
    {
        return lower == "Peers" && upper == "Extensions";
    }

    private static bool IsBase(string name)
    {
        return name is "netstandard" or "mscorlib" || name == "System" || name.StartsWith("System.", StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"^using (?:static )?(?:\w+ = )?Distribyted\.BitTorrent\.(?<floor>\w+)",
        RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex EngineUsing();

    [GeneratedRegex(
        @"QueueUserWorkItem\(|(?<!Background\.)CreateTimer\(|new (?:System\.Threading\.)?Timer\(|\.ContinueWith\(|new Thread\(|async void|(?:^|=>)\s*_ = (?:Task\.Run|[\w.]*Async)\(",
        RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex RawCall();

    [GeneratedRegex(@"/home/\w+/|/Users/\w+/|[A-Z]:\\\\Users", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HomePath();
}
