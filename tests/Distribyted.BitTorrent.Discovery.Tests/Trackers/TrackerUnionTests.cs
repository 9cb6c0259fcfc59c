using Distribyted.BitTorrent.Discovery.Trackers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

internal sealed class TrackerUnionTests
{
    private static readonly object[] Cases =
    [
        // known, added, private, from a file, expected (tiers by blanks, trackers of a tier by commas; null: nothing new)
        new object?[] { "", "http://a/1", false, true, "http://a/1" },
        new object?[] { "http://a/1", "http://a/1", false, true, null },
        new object?[] { "http://a/1 http://b/1", "", false, true, null },
        new object?[] { "http://a/1 http://b/1", "http://c/1", false, false, "http://c/1 http://a/1 http://b/1" },
        new object?[] { "http://a/1,http://b/1", "http://b/1,http://c/1", false, true, "http://c/1 http://a/1,http://b/1" },
        new object?[] { "http://a/1", "http://a/2", false, true, "http://a/2 http://a/1" },
        new object?[] { "http://a/1", "http://a/2", true, true, "http://a/2" },
        new object?[] { "http://a/1 http://b/1", "http://A:81/2", true, true, "http://A:81/2 http://b/1" },
        new object?[] { "http://a/1 udp://a:1", "http://a/1 http://a/2", true, true, "http://a/2 http://a/1" },
        new object?[] { "http://a/1", "http://b/1", true, true, "http://b/1 http://a/1" },
        new object?[] { "http://a/1", "udp://public:1 http://a/2", true, false, "http://a/2" },
        new object?[] { "http://a/1", "udp://public:1", true, false, null },
        new object?[] { "", "udp://public:1", true, false, "udp://public:1" },
        new object?[] { "nonsense", "udp:", false, true, "udp: nonsense" },
    ];

    [TestCaseSource(nameof(Cases))]
    public void All_are_kept_the_newest_first_and_a_new_passkey_replaces(
        string known,
        string added,
        bool isPrivate,
        bool fromFile,
        string? expected
    )
    {
        var union = TrackerUnion.Of(Tiers(known), Tiers(added), isPrivate, fromFile);

        Assert.That(union is null ? null : Text(union), Is.EqualTo(expected is null ? null : Text(Tiers(expected))));
    }

    [Test]
    public void No_torrent_collects_trackers_without_end()
    {
        var union = TrackerUnion.Of(Many("a"), Many("b"), false, true)!;

        Assert.That(union, Has.Count.EqualTo(TrackerUnion.MaxTrackers));
        Assert.That(union[0][0], Does.StartWith("http://b"));
    }

    private static List<IReadOnlyList<string>> Many(string host)
    {
        return [.. Enumerable.Range(0, 150).Select(i => (IReadOnlyList<string>)[$"http://{host}/{i}"])];
    }

    private static List<IReadOnlyList<string>> Tiers(string text)
    {
        var tiers = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. tiers.Select(tier => (IReadOnlyList<string>)tier.Split(','))];
    }

    private static string Text(IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        return string.Join(" | ", tiers.Select(tier => string.Join(',', tier)));
    }
}
