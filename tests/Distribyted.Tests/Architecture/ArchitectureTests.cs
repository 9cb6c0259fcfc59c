using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Distribyted.Testing;

namespace Distribyted.Tests.Architecture;

/// <summary>The table of src/README.md and the direction of folders, compared with what the built assemblies really name.</summary>
internal sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Table = new(StringComparer.Ordinal)
    {
        ["Distribyted.Platform"] = ["Microsoft.Extensions."],
        ["Distribyted.BitTorrent.Protocol"] = [],
        ["Distribyted.BitTorrent.Transport"] = ["Distribyted.BitTorrent.Protocol", "Microsoft.Extensions."],
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
        ["Distribyted.Archives"] = ["Distribyted.FileSystem", "SharpCompress", "Microsoft.Extensions."],
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
            "Scalar.AspNetCore",
        ],
        ["Distribyted.Dashboard"] =
        [
            "Distribyted.Web",
            "Distribyted.Http",
            "Distribyted.Routes",
            "Distribyted.FileSystem",
            "Distribyted.BitTorrent",
            "Distribyted.BitTorrent.Protocol",
            "Microsoft.",
            "MudBlazor",
            "QRCoder",
        ],
        ["Distribyted.Lab"] =
        [
            "Distribyted.BitTorrent",
            "Distribyted.BitTorrent.Discovery",
            "Distribyted.BitTorrent.Storage",
            "Distribyted.BitTorrent.Protocol",
            "Distribyted.BitTorrent.Transport",
            "Microsoft.Extensions.",
        ],
    };

    // Catch everything themselves.
    private static readonly string[] RawBackground =
    [
        "Distribyted.Platform/Background.cs",
        "Distribyted.BitTorrent.Discovery/Names/HostNames.cs",
        "Distribyted.BitTorrent.Discovery/Trackers/Http/HttpTrackerBody.cs",
        "Distribyted.BitTorrent.Storage/Cache/PieceEventQueue.cs",
        "Distribyted.Archives/Spools/WorkThreads.cs", // everything that it runs hands its error to who awaits it
    ];

    // What torrents, links and the configuration name; routers of our own networks; trackers of torrents; our own listener over loopback.
    private static readonly string[] HttpClients =
    [
        "Distribyted.BitTorrent.Discovery.Http.OutgoingClient",
        "Distribyted.BitTorrent.Discovery.PortMapping.Gateways.GatewayHttp",
        "Distribyted.BitTorrent.Discovery.Trackers.Http.HttpTracker",
        "Distribyted.Web.Connect.LoopbackClient",
    ];

    private static readonly string[] HttpSenders =
    [
        "System.Net.Http.HttpClient",
        "System.Net.Http.HttpMessageInvoker",
        "System.Net.Http.SocketsHttpHandler",
        "System.Net.Http.HttpClientHandler",
    ];

    private static IEnumerable<string> Libraries => Table.Keys;

    private static IEnumerable<string> Projects => Table.Keys.Append("Distribyted");

    [TestCaseSource(nameof(Libraries))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        var allowed = Table[project];

        var references = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.Name!);

        var others = references.Where(name =>
            !IsBase(name)
            && name != "Distribyted.Platform"
            && !allowed.Any(a => a.EndsWith('.') ? name.StartsWith(a, StringComparison.Ordinal) : name == a)
        );
        Assert.That(others, Is.Empty);
    }

    // A reference that nothing uses yet leaves no trace in the assembly, and invites.
    [TestCaseSource(nameof(Libraries))]
    public void A_project_file_declares_only_what_the_table_allows(string project)
    {
        var file = XDocument.Load(Path.Combine(Repository.Sources, project, project + ".csproj"));

        var declared = file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));

        Assert.That(declared.Except(Table[project]).Where(name => name != "Distribyted.Platform"), Is.Empty);
    }

    [Test]
    public void The_table_names_every_project()
    {
        var projects = Directory.EnumerateDirectories(Repository.Sources).Select(Path.GetFileName).Where(name => name != "Distribyted");

        Assert.That(projects, Is.EquivalentTo(Table.Keys));
    }

    [TestCaseSource(nameof(Projects))]
    public void Folders_of_a_project_have_one_direction(string project)
    {
        var circles = FolderCircles.Of(TypeUses.Of(Assembly.Load(project).Location), project);

        var texts = circles.Select(c => string.Join(", ", c.Select(folder => Short(folder, project)))).ToArray();
        Assert.That(texts, Is.Empty);
    }

    // Every outgoing connection of torrents obeys the bound addresses and the guard against addresses of our own network.
    [Test]
    public void Only_known_classes_speak_HTTP_to_others()
    {
        var clients = Libraries
            .Where(p => p != "Distribyted.Lab") // for tests and selftest
            .SelectMany(p => TypeUses.Of(Assembly.Load(p).Location))
            .Where(u => HttpSenders.Contains(u.To))
            .Select(u => u.From)
            .Distinct(StringComparer.Ordinal)
            .ToArray();

        Assert.That(clients, Is.EquivalentTo(HttpClients));
    }

    [Test]
    public void No_source_names_a_place_of_one_machine()
    {
        var sources = Directory
            .EnumerateFiles(Repository.Sources, "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".md", StringComparison.Ordinal));

        var hits = sources.Where(f => HomePath().IsMatch(File.ReadAllText(f)));

        Assert.That(hits, Is.Empty);
    }

    // An exception out of a raw pool callback or timer ends the process, and one in a task that is not awaited is never seen.
    [Test]
    public void Work_that_is_not_awaited_is_started_by_the_helper_that_logs_its_errors()
    {
        var hits = Directory
            .EnumerateFiles(Repository.Sources, "*.cs", SearchOption.AllDirectories)
            .Where(f => !RawBackground.Contains(Path.GetRelativePath(Repository.Sources, f).Replace('\\', '/')))
            .Where(f => !f.StartsWith(Path.Combine(Repository.Sources, "Distribyted.Lab"), StringComparison.Ordinal)) // for tests
            .SelectMany(f => RawCall().Matches(File.ReadAllText(f)).Select(m => $"{Path.GetFileName(f)}: {m.Value.Trim()}"));

        Assert.That(hits, Is.Empty, "Use Background.");
    }

    private static string Short(string folder, string project)
    {
        return folder == project ? "the root" : folder[(project.Length + 1)..];
    }

    private static bool IsBase(string name)
    {
        return name is "netstandard" or "mscorlib" || name == "System" || name.StartsWith("System.", StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"QueueUserWorkItem\(|(?<!Background\.)CreateTimer\(|new (?:System\.Threading\.)?Timer\(|\.ContinueWith\(|new Thread\(|async void|(?:^|=>)\s*_ = (?:Task\.Run|[\w.]*Async)\(",
        RegexOptions.Multiline,
        matchTimeoutMilliseconds: 30_000 // of the clock: one second passes on a machine where others work as well
    )]
    private static partial Regex RawCall();

    [GeneratedRegex(@"/home/\w+/|/Users/\w+/|[A-Z]:\\\\Users", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HomePath();
}
