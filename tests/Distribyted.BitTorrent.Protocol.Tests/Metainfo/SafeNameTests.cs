using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

public sealed class SafeNameTests
{
    [TestCase("film.mkv")]
    [TestCase("a\\b")]
    [TestCase("C:")]
    [TestCase("\u202Egpj.exe")]
    [TestCase("dots...")]
    [TestCase(" spaces ")]
    [TestCase("...")]
    [TestCase("CON")]
    [TestCase("🎬")]
    [TestCase("e\u0301")] // decomposed
    [TestCase("a*?<>|\"b")]
    public void What_does_not_break_a_tree_is_kept(string name)
    {
        Assert.That(SafeName.Make(Encoding.UTF8.GetBytes(name), null), Is.EqualTo(name));
    }

    [TestCase("", "_")]
    [TestCase(".", "_")]
    [TestCase("..", "__")]
    [TestCase("/", "_")]
    [TestCase("a/b", "a_b")]
    [TestCase("../../etc/passwd", ".._.._etc_passwd")]
    [TestCase("a\0b", "a_b")]
    [TestCase("a\nb\u007f\u0085", "a_b__")]
    public void What_breaks_a_tree_is_changed(string name, string expected)
    {
        Assert.That(SafeName.Make(Encoding.UTF8.GetBytes(name), null), Is.EqualTo(expected));
    }

    [Test]
    public void Bytes_that_are_not_UTF_8_are_Windows_1252()
    {
        Assert.That(SafeName.Make([0x80, (byte)'a', 0xE9, 0x81], null), Is.EqualTo("€aé_"));
    }

    [TestCase("utf-8")]
    [TestCase("UTF8")]
    [TestCase("utf-16")]
    [TestCase("utf-7")]
    [TestCase("us-ascii")]
    [TestCase("no such thing")]
    [TestCase("")]
    [TestCase(null)]
    public void Encodings_that_are_unknown_or_of_no_use_are_ignored(string? encoding)
    {
        Assert.That(SafeName.FindEncoding(encoding), Is.Null);
    }

    [TestCase(255)]
    [TestCase(254)]
    public void A_name_of_255_bytes_stays(int bytes)
    {
        var name = new string('a', bytes - 4) + ".mkv";

        Assert.That(SafeName.Make(name), Is.EqualTo(name));
    }

    [TestCase("a", ".mkv")]
    [TestCase("é", ".mkv")]
    [TestCase("電", ".mkv")]
    [TestCase("🎬", ".mkv")]
    [TestCase("🎬", "")]
    public void A_longer_one_is_cut_at_a_character_and_keeps_its_extension(string letter, string extension)
    {
        var name = SafeName.Make(string.Concat(Enumerable.Repeat(letter, 300)) + extension);

        var bytes = Encoding.UTF8.GetByteCount(name);
        Assert.That(bytes, Is.LessThanOrEqualTo(255).And.GreaterThan(255 - Encoding.UTF8.GetByteCount(letter)));
        Assert.That(name, Does.EndWith(letter + extension));
    }

    [Test]
    public void An_extension_that_is_longer_than_any_is_part_of_the_name()
    {
        var name = SafeName.Make("a." + new string('b', 400));

        Assert.That(name, Is.EqualTo("a." + new string('b', 253)));
    }

    [Test]
    public void Names_that_become_equal_get_a_suffix_that_stays()
    {
        var torrent = Torrents.Folder("a/b.mkv", "a_b.mkv", "a_b.mkv", "c");

        var paths = Torrents.Paths(TorrentInfoReader.Read(torrent));

        Assert.That(paths[0], Is.EqualTo("a_b.mkv"));
        Assert.That(paths[1], Does.Match(@"^a_b \([0-9a-f]{6}\)\.mkv$"));
        Assert.That(paths[2], Does.Match(@"^a_b \([0-9a-f]{6}\)\.mkv$").And.Not.EqualTo(paths[1]));
        Assert.That(paths[3], Is.EqualTo("c"));
        Assert.That(Torrents.Paths(TorrentInfoReader.Read(torrent)), Is.EqualTo(paths));
    }

    [Test]
    public void A_file_gives_way_to_a_folder_of_its_name()
    {
        var paths = Torrents.Paths(TorrentInfoReader.Read(Torrents.Folder("a", "a|b", "x|y", "x|y|z")));

        Assert.That(paths[0], Does.Match(@"^a \([0-9a-f]{6}\)$"));
        Assert.That(paths[1], Is.EqualTo("a/b"));
        Assert.That(paths[2], Does.Match(@"^x/y \([0-9a-f]{6}\)$"));
        Assert.That(paths[3], Is.EqualTo("x/y/z"));
    }

    [Test]
    public void Padding_never_takes_a_name_from_a_file_that_is_shown()
    {
        var paths = Torrents.Paths(TorrentInfoReader.Read(Torrents.Folder("_____padding_file_1", ".pad|0", ".pad|0", "film")));

        Assert.That(paths[1], Is.EqualTo(".pad/0"));
        Assert.That(paths[2], Does.StartWith(".pad/0 ("));
        Assert.That(paths[3], Is.EqualTo("film"));
    }

    [Test]
    public void A_name_made_safe_is_safe_already()
    {
        Gen.OneOf(Gen.Byte.Array[0, 600], Gen.String[Gen.Char, 0, 300].Select(Encoding.UTF8.GetBytes))
            .Sample(
                static bytes =>
                {
                    var name = SafeName.Make(bytes, null);
                    return SafeName.Make(name) == name
                        && SafeName.Make(Encoding.UTF8.GetBytes(name), null) == name
                        && Encoding.UTF8.GetByteCount(SafeName.WithSuffix(name, bytes)) <= 255;
                },
                iter: 5_000
            );
    }
}
