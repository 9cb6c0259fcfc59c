using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tests.Model;

internal sealed class MountedNameTests
{
    private const string Hex = "c9e15763f722f23e98a29decdfae341b98d53056";

    private static readonly InfoHash Hash = InfoHash.TryParse(Hex, out var hash) ? hash : default;

    [TestCase("Film.mkv", false, "Film [c9e15763].mkv")]
    [TestCase("Film.2020.1080p.mkv", false, "Film.2020.1080p [c9e15763].mkv")]
    [TestCase("Film", false, "Film [c9e15763]")]
    [TestCase(".hidden", false, ".hidden [c9e15763]")]
    [TestCase("Film.", false, "Film. [c9e15763]")]
    [TestCase("Mr. Long title that is no extension", false, "Mr. Long title that is no extension [c9e15763]")]
    [TestCase("Show.S01", true, "Show.S01 [c9e15763]")]
    [TestCase("archive.tar.gz", false, "archive.tar [c9e15763].gz")]
    public void A_new_torrent_whose_name_is_taken_shows_its_hash(string name, bool isFolder, string expected)
    {
        Assert.That(MountedName.Choose(name, isFolder, Hash, taken => taken == name), Is.EqualTo(expected));
    }

    [Test]
    public void A_free_name_stays_as_it_is()
    {
        Assert.That(MountedName.Choose("Film.mkv", false, Hash, _ => false), Is.EqualTo("Film.mkv"));
    }

    [Test]
    public void Where_the_short_hash_is_taken_too_the_whole_one_is_shown()
    {
        var name = MountedName.Choose("Film.mkv", false, Hash, taken => taken is "Film.mkv" or "Film [c9e15763].mkv");

        Assert.That(name, Is.EqualTo($"Film [{Hex}].mkv"));
    }

    [Test]
    public void A_long_name_is_cut_at_a_character_and_keeps_its_extension()
    {
        Gen.Select(Gen.String[1, 300], Gen.Bool)
            .Where(g => VirtualPath.IsSegment(g.Item1))
            .Sample(
                (name, isFolder) =>
                {
                    var chosen = MountedName.Choose(name, isFolder, Hash, taken => taken == name);
                    return VirtualPath.IsSegment(chosen) && chosen.Contains("[c9e15763]", StringComparison.Ordinal);
                }
            );

        var emoji = string.Concat(Enumerable.Repeat("🎬", 62)) + ".mkv";
        var cut = MountedName.Choose(emoji, false, Hash, taken => taken == emoji);
        Assert.That(cut, Does.EndWith(" [c9e15763].mkv"));
        Assert.That(Encoding.UTF8.GetByteCount(cut), Is.LessThanOrEqualTo(255));
        Assert.That(cut, Does.Not.Contain("\uFFFD"));
    }
}
