using System.Text.RegularExpressions;
using Distribyted.Testing;

namespace Distribyted.Tests.Architecture;

/// <summary>One word has one meaning, and the field's own comes first: words that a newcomer would have to guess are not used, in code, comments or READMEs.</summary>
internal sealed partial class WordsTests
{
    private static readonly string[] Extensions = [".cs", ".md", ".yaml", ".csproj", ".props", ".txt", ".service"];

    // What they were used for, and what is written instead. Words that also have an ordinary sense (room for, said, rest, turn, renewed) no pattern can judge.
    private static readonly Dictionary<string, string> Retired = new(StringComparer.Ordinal)
    {
        ["roofs?|porch(es)?|doors?"] = "project, host, listener",
        ["strangers?|somebody|people|nobody"] = "client, user, incoming connection, unknown peer; no peer, no client",
        ["newcomers?|trials?"] = "probation, probation piece; parsed torrent",
        ["givers?"] = "peer, seeder",
        ["lend|lends|lending|lender|lent|loan|loans|loaned|resting|rested"] = "pin, unpin, quarantine",
        ["lease|leases|leased"] = "pin; elsewhere than in port mapping nothing has a lease",
        ["alarms?|wheels?|wish|wishes|wished"] = "timer, due",
        ["strays|zombies?"] = "cancelled in flight, abandoned in flight, pending rejects",
        ["farewells?|goodbyes?|knows us|owes|owed"] = "`stopped` sent, `started` acknowledged, `completed` sent",
        ["homeless|unjudged|tells? gone|told gone"] = "RAM only, early messages, `lt_donthave`",
        ["judge|judges|judged|judging|judgement|judgment"] = "authenticate, validate, parse, check, decide",
        ["litter|litters|littered"] = "desktop metadata files",
        ["same site"] = "cross-site guard",
    };

    private static readonly Regex Any = new(
        $"(?<![A-Za-z])(?:{string.Join('|', Retired.Keys)})(?![A-Za-z])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    );

    [Test]
    public void Retired_words_are_not_used()
    {
        var hits = Files()
            .SelectMany(static file => Hits(Path.GetRelativePath(Repository.Top, file).Replace('\\', '/'), File.ReadAllLines(file)));

        Assert.That(hits, Is.Empty, string.Join('\n', Retired.Select(static entry => $"instead of {entry.Key}: {entry.Value}")));
    }

    [TestCase("a.cs", "var x = WebDoor;", true)]
    [TestCase("a.cs", "var outdoor = 1;", false)]
    [TestCase("a.md", "Strangers are not let in.", true)]
    [TestCase("a.cs", "lease_time", true)]
    [TestCase("src/P/PortMapping/Leases/LeaseTimes.cs", "lease_time", false)]
    [TestCase("a.md", "The file `lent` tells the next run.", false)]
    [TestCase("a.cs", "The slot is lent.", true)]
    [TestCase("a.cs", "the user nobody", false)]
    [TestCase("a.cs", "SameSiteMode.Lax", false)]
    [TestCase("a.cs", "a page of the same site", true)]
    public void A_word_is_found_in_names_and_prose(string path, string line, bool isFound)
    {
        Assert.That(Hits(path, [line]).Any(), Is.EqualTo(isFound));
    }

    private static IEnumerable<string> Hits(string path, string[] lines)
    {
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = WordEnd().Replace(lines[number - 1], " "); // names are read word by word
            foreach (Match match in Any.Matches(line))
            {
                if (!IsAllowed(path, line, match))
                {
                    yield return $"{path}:{number}: {match.Value}";
                }
            }
        }
    }

    private static bool IsAllowed(string path, string line, Match match)
    {
        return match.Value.ToUpperInvariant() switch
        {
            "LENT" => match.Index > 0 && line[match.Index - 1] is '"' or '`', // the name of a file that old caches have
            "NOBODY" => line[..match.Index].EndsWith("user ", StringComparison.Ordinal), // the account of Unix systems
            "SAME SITE" => match.Value is "Same Site", // an attribute of cookies (RFC 6265bis section 5.6.7)
            "LEASE" or "LEASES" or "LEASED" => IsPortMapping(path), // what PCP, NAT-PMP and UPnP call it
            _ => false,
        };
    }

    private static bool IsPortMapping(string path)
    {
        return path.Contains("/PortMapping/", StringComparison.Ordinal)
            || path is "src/Distribyted.BitTorrent.Discovery/README.md" or "tests/Distribyted.Testing/FakeRouter.cs";
    }

    private static IEnumerable<string> Files()
    {
        string[] folders = [Repository.Sources, Path.Combine(Repository.Top, "tests")];
        return folders
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Repository.Top))
            .Where(static file => Extensions.Contains(Path.GetExtension(file)))
            .Where(static file =>
                !file.Replace('\\', '/').Contains("/obj/", StringComparison.Ordinal)
                && !file.EndsWith("WordsTests.cs", StringComparison.Ordinal)
            );
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|_")]
    private static partial Regex WordEnd();
}
