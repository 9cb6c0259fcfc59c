using CsCheck;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

public sealed class WebSeedUrlsTests
{
    [TestCase("http://a/film.mkv", "http://a/film.mkv")]
    [TestCase("http://a/", "http://a/a%20film%3F.mkv")]
    [TestCase("http://a", "http://a/a%20film%3F.mkv")]
    [TestCase("http://a/x/", "http://a/x/a%20film%3F.mkv")]
    [TestCase("https://a:8443/x%20y/?key=1", "https://a:8443/x%20y/a%20film%3F.mkv?key=1")]
    [TestCase("http://a/film.mkv?key=1", "http://a/film.mkv?key=1")]
    [TestCase("http://user:word@a/film.mkv#part", "http://a/film.mkv")]
    public void The_only_file_is_at_the_address_or_below_it(string seed, string expected)
    {
        Assert.That(new WebSeedUrls(new Uri(seed), File("a film?.mkv")).Of(0)!.AbsoluteUri, Is.EqualTo(expected));
    }

    [TestCase("http://a/x", "http://a/x/top/")]
    [TestCase("http://a/x/", "http://a/x/top/")]
    [TestCase("http://a", "http://a/top/")]
    public void Other_files_are_below_the_address_and_the_name_of_the_torrent(string seed, string expected)
    {
        var urls = new WebSeedUrls(
            new Uri(seed),
            Folder(
                "top"u8.ToArray(),
                [
                    ["one"u8.ToArray()],
                    ["a"u8.ToArray(), "b c"u8.ToArray()],
                ]
            )
        );

        Assert.That(urls.Of(0)!.AbsoluteUri, Is.EqualTo(expected + "one"));
        Assert.That(urls.Of(1)!.AbsoluteUri, Is.EqualTo(expected + "a/b%20c"));
    }

    [Test]
    public void Names_are_sent_as_the_torrent_has_them_and_not_as_they_are_shown()
    {
        var urls = new WebSeedUrls(
            new Uri("http://a/"),
            Folder(
                "x"u8.ToArray(),
                [
                    [
                        [0xE4, (byte)'/'],
                    ],
                    [
                        [(byte)'C', (byte)':', 0],
                    ],
                ]
            )
        );

        Assert.That(urls.Of(0)!.AbsoluteUri, Is.EqualTo("http://a/x/%E4%2F"));
        Assert.That(urls.Of(1)!.AbsoluteUri, Is.EqualTo("http://a/x/C%3A%00"));
    }

    [Test]
    public void Names_that_climb_have_no_address()
    {
        byte[][][] files =
        [
            [".."u8.ToArray(), "a"u8.ToArray()],
            ["."u8.ToArray()],
            ["a"u8.ToArray(), ""u8.ToArray(), "b"u8.ToArray()],
        ];
        var urls = new WebSeedUrls(new Uri("http://a/x/"), Folder("n"u8.ToArray(), files));

        Assert.That(Enumerable.Range(0, 3).Select(urls.Of), Is.All.Null);
        Assert.That(
            new WebSeedUrls(
                new Uri("http://a/x/"),
                Folder(
                    ".."u8.ToArray(),
                    [
                        ["a"u8.ToArray()],
                    ]
                )
            ).Of(0),
            Is.Null
        );
    }

    [Test]
    public void Any_names_stay_below_the_address()
    {
        var name = Gen.Byte.Array[1, 12];
        Gen.Select(name, name.Array[1, 4])
            .Sample(
                (top, path) =>
                {
                    var url = new WebSeedUrls(new Uri("http://a/x/y/"), Folder(top, [path])).Of(0);
                    return url is null
                        || (
                            url.AbsoluteUri.StartsWith("http://a/x/y/", StringComparison.Ordinal) && url.Segments.Length == 4 + path.Length
                        );
                }
            );
    }

    private static TorrentInfo File(string name)
    {
        return TorrentInfoWriter.WriteFile(name, 100, 16384, new byte[20]);
    }

    private static TorrentInfo Folder(byte[] name, byte[][][] files)
    {
        return TorrentInfoReader.Read(
            Fuzz.Bencode(writer =>
            {
                writer.Dictionary().Key("files"u8).List();
                foreach (var path in files)
                {
                    writer.Dictionary().Key("length"u8).Integer(10).Key("path"u8).List();
                    foreach (var part in path)
                    {
                        writer.String(part);
                    }

                    writer.End().End();
                }

                writer.End().Key("name"u8).String(name).Key("piece length"u8).Integer(16384).Key("pieces"u8).String(new byte[20]).End();
            })
        );
    }
}
