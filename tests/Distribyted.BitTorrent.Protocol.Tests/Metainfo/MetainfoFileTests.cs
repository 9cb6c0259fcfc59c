using System.Text;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

public sealed class MetainfoFileTests
{
    private const string Info = "4:infod6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae";

    [Test]
    public void DHT_nodes_are_read_with_what_is_odd_left_out_and_written_again()
    {
        var text = "d" + Info + "5:nodesll9:127.0.0.1i6881eel3:a.bi0eel3:a.bi65536eel3:a.b4:6881eli5ei6eei7el4:::11i9ei1eeee";

        var file = MetainfoFile.Read(Fuzz.Ascii(text));

        Assert.That(file.Nodes, Is.EqualTo(new[] { ("127.0.0.1", 6881), ("::11", 9) }));
        Assert.That(MetainfoFile.Read(file.Write()).Nodes, Is.EqualTo(file.Nodes));
    }

    [Test]
    public void A_file_is_read()
    {
        var file = MetainfoFile.Read(
            Fuzz.Ascii(
                "d8:announce10:http://a/x13:announce-listll10:http://a/x9:udp://b:1el0:ele8:http://ce7:comment2:hi13:creation datei1700000000e"
                    + Info
                    + "8:url-listl8:http://w9:ftp://bad0:ee"
            )
        );

        Assert.That(file.Info.Name, Is.EqualTo("a"));
        Assert.That(file.Info.InfoHash, Is.EqualTo(InfoHash.Compute(Fuzz.Ascii(Info[6..]))));
        Assert.That(file.Trackers, Is.EqualTo(new[] { new[] { "http://a/x", "udp://b:1" }, ["http://c"] }));
        Assert.That(file.WebSeeds, Is.EqualTo(new[] { "http://w" }));
        Assert.That(file.Created, Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)));
        Assert.That(file.Comment, Is.EqualTo("hi"));
    }

    [TestCase("8:announce8:http://a", "http://a")]
    [TestCase("8:announce10: http://a ", "http://a")]
    [TestCase("8:announce0:", "")]
    [TestCase("8:announcei1e", "")]
    [TestCase("8:announce8:http://a13:announce-listle", "http://a")]
    [TestCase("8:announce8:http://a13:announce-listllee", "http://a")]
    [TestCase("8:announce8:http://a13:announce-list8:http://b", "http://b")]
    [TestCase("8:announce8:http://a13:announce-listl8:http://b8:http://ce", "http://b|http://c")]
    [TestCase("13:announce-listli1el8:http://bi2ed1:xi1eeee", "http://b")]
    [TestCase("13:announce-listi1e", "")]
    public void Trackers_are_found_however_they_are_written(string fields, string expected)
    {
        var file = MetainfoFile.Read(Fuzz.Ascii("d" + fields + Info + "e"));

        Assert.That(string.Join('|', file.Trackers.Select(static tier => string.Join(',', tier))), Is.EqualTo(expected));
    }

    [TestCase("8:url-list8:http://w", "http://w")]
    [TestCase("8:url-listl9:https://w8:http://ve", "https://w,http://v")]
    [TestCase("8:url-list0:", "")]
    [TestCase("8:url-listi1e", "")]
    [TestCase("8:url-listli1eld1:ai1eeee", "")]
    [TestCase("8:url-list11:file:///etc", "")]
    public void Web_seeds_are_found_however_they_are_written(string fields, string expected)
    {
        Assert.That(
            MetainfoFile.Read(Fuzz.Ascii("d" + Info + fields + "e")).WebSeeds,
            Is.EqualTo(expected.Split(',', StringSplitOptions.RemoveEmptyEntries))
        );
    }

    [TestCase("i0e", false)]
    [TestCase("i-1e", false)]
    [TestCase("i1e", true)]
    [TestCase("i4102444799e", true)]
    [TestCase("i4102444800e", false)]
    [TestCase("i9223372036854775807e", false)]
    [TestCase("i99999999999999999999999e", false)]
    [TestCase("10:2020-01-01", false)]
    [TestCase("le", false)]
    public void A_date_is_sensible_or_absent(string value, bool isKnown)
    {
        Assert.That(MetainfoFile.Read(Fuzz.Ascii("d13:creation date" + value + Info + "e")).Created.HasValue, Is.EqualTo(isKnown));
    }

    [Test]
    public void Unsorted_keys_and_bytes_after_the_end_do_no_harm()
    {
        var file = MetainfoFile.Read(Fuzz.Ascii("d" + Info + "8:announce8:http://ae\r\n"));

        Assert.That(file.Trackers, Has.Count.EqualTo(1));
        Assert.That(file.Info.Bytes.Span.SequenceEqual(Fuzz.Ascii(Info[6..])));
    }

    [Test]
    public void The_declared_encoding_reaches_names_and_comment_wherever_it_stands()
    {
        var name = CodePagesEncodingProvider.Instance.GetEncoding(1251)!.GetBytes("Кино");
        var info = Torrents.SingleFile(name);
        byte[] bytes = [.. "d7:comment4:"u8, .. name, .. "4:info"u8, .. info, .. "8:encoding12:windows-1251e"u8];

        var file = MetainfoFile.Read(bytes);

        Assert.That((file.Info.Name, file.Comment), Is.EqualTo(("Кино", "Кино")));
        Assert.That(MetainfoFile.Read(file.Write()).Info.Name, Is.EqualTo("Кино"));
    }

    [TestCase("de", ProtocolError.Missing)]
    [TestCase("d4:infoi1ee", ProtocolError.Malformed)]
    [TestCase("le", ProtocolError.Malformed)]
    [TestCase("", ProtocolError.Truncated)]
    [TestCase("<html>", ProtocolError.Malformed)]
    public void What_is_no_torrent_is_refused(string text, ProtocolError expected)
    {
        Assert.That(Torrents.Refusal(() => MetainfoFile.Read(Fuzz.Ascii(text))).Error, Is.EqualTo(expected));
    }

    [Test]
    public void A_file_beyond_32_MiB_is_refused()
    {
        Assert.That(
            Torrents.Refusal(static () => MetainfoFile.Read(new byte[MetainfoFile.MaxLength + 1])).Error,
            Is.EqualTo(ProtocolError.TooLarge)
        );
    }

    [Test]
    public void What_is_written_is_read_and_the_info_hash_stays()
    {
        var info = TorrentInfoReader.Read(Torrents.Folder("b", "a|c"));
        var file = new MetainfoFile(
            info,
            [
                ["http://a/announce?passkey=1", "udp://b:80"],
                ["https://c"],
            ],
            ["http://w/x y"],
            DateTimeOffset.FromUnixTimeSeconds(1_600_000_000),
            "Größe"
        );

        var read = MetainfoFile.Read(file.Write());

        Assert.That(read.Info.InfoHash, Is.EqualTo(info.InfoHash));
        Assert.That(read.Info.Bytes.Span.SequenceEqual(info.Bytes.Span));
        Assert.That(read.Trackers, Is.EqualTo(file.Trackers));
        Assert.That((read.Created, read.Comment), Is.EqualTo((file.Created, file.Comment)));
        Assert.That(read.WebSeeds, Is.EqualTo(file.WebSeeds));
    }

    [Test]
    public void The_simplest_file_is_written_as_anyone_would()
    {
        var info = TorrentInfoWriter.WriteFile("a", 5, 16384, "aaaaaaaaaaaaaaaaaaaa"u8);

        var bytes = new MetainfoFile(
            info,
            [
                ["http://a"],
            ],
            [],
            null,
            null
        ).Write();

        Assert.That(Encoding.Latin1.GetString(bytes), Is.EqualTo("d8:announce8:http://a" + Info + "e"));
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => MetainfoFile.Read(bytes).Write(),
            [
                Fuzz.Ascii(
                    "d8:announce8:http://a13:announce-listll8:http://bee7:comment2:hi13:creation datei1700000000e8:encoding3:GBK"
                        + Info
                        + "8:url-listl8:http://wee"
                ),
                Fuzz.Ascii("d" + Info + "e"),
            ],
            [
                "announce",
                "announce-list",
                "comment",
                "comment.utf-8",
                "creation date",
                "encoding",
                "info",
                "url-list",
                .. TorrentInfoReaderTests.Words,
            ]
        );
    }
}
