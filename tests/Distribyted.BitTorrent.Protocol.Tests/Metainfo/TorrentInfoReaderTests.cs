using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Bencoding;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

public sealed class TorrentInfoReaderTests
{
    public static readonly string[] Words =
    [
        "files",
        "length",
        "name",
        "name.utf-8",
        "path",
        "path.utf-8",
        "piece length",
        "pieces",
        "private",
        "attr",
        "file tree",
        "meta version",
    ];

    [Test]
    public void One_file_is_read()
    {
        var bytes = Torrents.SingleFile();

        var info = TorrentInfoReader.Read(bytes);

        Assert.That(info.InfoHash, Is.EqualTo(InfoHash.Compute(bytes)));
        Assert.That((info.Name, info.IsSingleFile, info.IsPrivate), Is.EqualTo(("film.mkv", true, false)));
        Assert.That((info.Layout.TotalLength, info.Layout.PieceCount, info.PieceHashes.Length), Is.EqualTo((20_000L, 2, 40)));
        Assert.That(Torrents.Paths(info), Is.EqualTo(new[] { "film.mkv" }));
        Assert.That(info.Bytes.Span.SequenceEqual(bytes));
    }

    [Test]
    public void Several_files_follow_each_other()
    {
        var info = TorrentInfoReader.Read(
            Fuzz.Bencode(static w =>
            {
                w.Dictionary().Key("files"u8).List();
                File(w, 10_000, "a.bin");
                File(w, 0, "empty");
                File(w, 7_000, "sub", "b.bin");
                w.End().Key("name"u8).String("folder").Key("piece length"u8).Integer(16384).Key("pieces"u8).String(new byte[40]);
                w.Key("private"u8).Integer(1).End();
            })
        );

        Assert.That((info.Name, info.IsSingleFile, info.IsPrivate), Is.EqualTo(("folder", false, true)));
        Assert.That(Torrents.Paths(info), Is.EqualTo(new[] { "a.bin", "empty", "sub/b.bin" }));
        Assert.That(
            info.Files.Select(static f => (f.Offset, f.Length)),
            Is.EqualTo(new[] { (0L, 10_000L), (10_000L, 0L), (10_000L, 7_000L) })
        );
    }

    [Test]
    public void Attributes_of_BEP_47_and_older_padding_are_known()
    {
        var info = TorrentInfoReader.Read(
            Fuzz.Bencode(static w =>
            {
                w.Dictionary().Key("files"u8).List();
                File(w, 1, "run.sh", attr: "xh");
                File(w, 1, ".pad", "100", attr: "p");
                File(w, 0, "link", attr: "l");
                File(w, 1, ".pad", "7");
                File(w, 1, "_____padding_file_0_if you see this file, please update to BitComet 0.85 or above____");
                File(w, 1, "film.mkv", attr: "zzz");
                w.End().Key("name"u8).String("n").Key("piece length"u8).Integer(16384).Key("pieces"u8).String(new byte[20]).End();
            })
        );

        Assert.That(
            info.Files.Select(static f => f.Attributes),
            Is.EqualTo(
                new[]
                {
                    TorrentFileAttributes.Executable | TorrentFileAttributes.Hidden,
                    TorrentFileAttributes.Padding,
                    TorrentFileAttributes.SymbolicLink,
                    TorrentFileAttributes.Padding,
                    TorrentFileAttributes.Padding,
                    TorrentFileAttributes.None,
                }
            )
        );
    }

    [Test]
    public void Names_in_UTF_8_win_over_the_others()
    {
        var single = TorrentInfoReader.Read(Torrents.SingleFile([0xE9], static w => w.Key("name.utf-8"u8).String("é.mkv")));
        var folder = TorrentInfoReader.Read(
            Fuzz.Bencode(static w =>
            {
                w.Dictionary().Key("files"u8).List().Dictionary().Key("length"u8).Integer(1);
                w.Key("path"u8).List().String([0xE9]).End().Key("path.utf-8"u8).List().String("é").String("x").End().End().End();
                w.Key("name"u8).String("n").Key("piece length"u8).Integer(16384).Key("pieces"u8).String(new byte[20]).End();
            })
        );

        Assert.That(single.Name, Is.EqualTo("é.mkv"));
        Assert.That(Torrents.Paths(folder), Is.EqualTo(new[] { "é/x" }));
    }

    [TestCase("windows-1251", "Привет")]
    [TestCase("GBK", "电影")]
    [TestCase("shift_jis", "映画")]
    public void Names_are_read_in_the_encoding_that_the_torrent_names(string encoding, string name)
    {
        var bytes = Torrents.SingleFile(CodePagesEncodingProvider.Instance.GetEncoding(encoding)!.GetBytes(name));

        var info = TorrentInfoReader.Read(bytes, encoding);

        Assert.That((info.Name, info.Encoding), Is.EqualTo((name, encoding)));
        Assert.That(TorrentInfoReader.Read(bytes, info.Encoding).Name, Is.EqualTo(name));
    }

    [Test]
    public void A_hybrid_is_read_as_v1()
    {
        var info = TorrentInfoReader.Read(
            Fuzz.Bencode(static w =>
            {
                w.Dictionary().Key("file tree"u8).Dictionary().Key("film.mkv"u8).Dictionary().Key(""u8).Dictionary();
                w.Key("length"u8).Integer(5).Key("pieces root"u8).String(new byte[32]).End().End().End();
                w.Key("length"u8).Integer(5).Key("meta version"u8).Integer(2).Key("name"u8).String("film.mkv");
                w.Key("piece length"u8).Integer(16384).Key("pieces"u8).String(new byte[20]).End();
            })
        );

        Assert.That((info.Name, info.Layout.TotalLength), Is.EqualTo(("film.mkv", 5L)));
    }

    [Test]
    public void Version_2_alone_is_refused_in_plain_words()
    {
        var refusal = Torrents.Refusal(static () =>
            TorrentInfoReader.Read(Fuzz.Ascii("d9:file treed1:ad0:d6:lengthi5eeee12:meta versioni2e4:name1:a12:piece lengthi16384ee"))
        );

        Assert.That(refusal.Error, Is.EqualTo(ProtocolError.Unsupported));
        Assert.That(refusal.Message, Does.Contain("v2"));
    }

    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi16384ee", ProtocolError.Missing)]
    [TestCase("d4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Missing)]
    [TestCase("d5:filesle4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Missing)]
    [TestCase("d6:lengthi5e4:name1:a6:pieces20:aaaaaaaaaaaaaaaaaaaae", ProtocolError.Missing)]
    [TestCase("d5:filesld4:pathl1:aeee4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Missing)]
    [TestCase("d5:filesld6:lengthi1eee4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Missing)]
    [TestCase("d6:lengthi0e4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Invalid)]
    [TestCase("d6:lengthi-1e4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces19:aaaaaaaaaaaaaaaaaaae", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces40:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaae", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi0e6:pieces20:aaaaaaaaaaaaaaaaaaaae", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi-1e6:pieces20:aaaaaaaaaaaaaaaaaaaae", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi1023e6:pieces20:aaaaaaaaaaaaaaaaaaaae", ProtocolError.Invalid)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi67108865e6:pieces20:aaaaaaaaaaaaaaaaaaaae", ProtocolError.Invalid)]
    [TestCase("d6:lengthi9223372036854775807e4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.Invalid)]
    [TestCase("d6:lengthi1125899906842624e4:name1:a12:piece lengthi16384e6:pieces0:e", ProtocolError.TooLarge)]
    [TestCase("d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", ProtocolError.Malformed)]
    [TestCase("le", ProtocolError.Malformed)]
    public void What_contradicts_itself_is_refused(string text, ProtocolError expected)
    {
        Assert.That(Torrents.Refusal(() => TorrentInfoReader.Read(Fuzz.Ascii(text))).Error, Is.EqualTo(expected));
    }

    [TestCase("d6:lengthi5e4:namei1e12:piece lengthi1024e6:pieces20:aaaaaaaaaaaaaaaaaaaae")]
    [TestCase("d6:lengthi5e12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae")]
    public void A_torrent_without_a_name_is_named_by_its_hash(string text)
    {
        var info = TorrentInfoReader.Read(Fuzz.Ascii(text));

        Assert.That(info.Name, Is.EqualTo(info.InfoHash.ToString()));
        Assert.That(Torrents.Paths(info), Is.EqualTo(new[] { info.Name }));
    }

    [TestCase("9223372036854775807", 3)]
    [TestCase("1125899906842624", 10_000)] // each is fine alone, the sum is past 2^63
    public void Lengths_that_overflow_together_are_refused(string length, int files)
    {
        var file = $"d6:lengthi{length}e4:pathl1:aee";
        var text = "d5:filesl" + string.Concat(Enumerable.Repeat(file, files)) + "e4:name1:a12:piece lengthi16384e6:pieces0:e";

        Assert.That(Torrents.Refusal(() => TorrentInfoReader.Read(Fuzz.Ascii(text))).Error, Is.EqualTo(ProtocolError.Invalid));
    }

    [Test]
    public void Paths_deeper_than_sense_are_refused()
    {
        string Deep(int depth) => string.Join('|', Enumerable.Repeat("d", depth));

        Assert.That(TorrentInfoReader.Read(Torrents.Folder(Deep(TorrentInfoReader.MaxPathDepth))).Files[0].Path, Has.Count.EqualTo(64));
        Assert.That(
            Torrents.Refusal(() => TorrentInfoReader.Read(Torrents.Folder(Deep(TorrentInfoReader.MaxPathDepth + 1)))).Error,
            Is.EqualTo(ProtocolError.TooLarge)
        );
    }

    [Test]
    public void Two_hundred_thousand_files_are_read_and_one_more_is_refused()
    {
        var paths = Enumerable.Range(0, TorrentInfoReader.MaxFiles + 1).Select(static i => $"{i / 1000}|{i}").ToArray();

        var info = TorrentInfoReader.Read(Torrents.Folder(paths[..^1]));

        Assert.That(info.Files, Has.Count.EqualTo(TorrentInfoReader.MaxFiles));
        Assert.That(Torrents.Refusal(() => TorrentInfoReader.Read(Torrents.Folder(paths))).Error, Is.EqualTo(ProtocolError.TooLarge));
    }

    [Test]
    public void A_forest_of_folders_is_refused_before_it_fills_the_memory()
    {
        var trunk = "|" + string.Join('|', Enumerable.Repeat("a", 50));
        var bytes = Torrents.Folder([.. Enumerable.Range(0, TorrentInfoReader.MaxNames / 50).Select(i => i + trunk)]);

        Assert.That(Torrents.Refusal(() => TorrentInfoReader.Read(bytes)).Error, Is.EqualTo(ProtocolError.TooLarge));
        Assert.That(Fuzz.AllocatedBy(() => TorrentInfoReader.Read(bytes)), Is.LessThan(100L << 20));
    }

    [Test]
    public void Huge_claims_in_tiny_bodies_cost_nothing()
    {
        string[] texts =
        [
            "d6:lengthi1125899906842624e4:name1:a12:piece lengthi67108864e6:pieces0:e",
            "d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces2147483647:e",
            "d5:filesl9999999999:",
            "d4:name2000000000:a",
        ];

        foreach (var text in texts)
        {
            var bytes = Fuzz.Ascii(text);
            Fuzz.AllocatedBy(() => TorrentInfoReader.Read(bytes));
            Assert.That(Fuzz.AllocatedBy(() => TorrentInfoReader.Read(bytes)), Is.LessThan(64 * 1024), text);
        }
    }

    [Test]
    public void What_is_written_is_read_and_every_path_is_safe_and_its_own()
    {
        var part = Gen.OneOf(
            Gen.String[Gen.Char["ab./\0\u0001 é"], 0, 4],
            Gen.String[Gen.Char, 0, 300],
            Fuzz.AnyOf([".", "..", "", "a", "a/b", "a_b", "A", ".pad"])
        );
        Gen.Select(part.Array[1, 4], Gen.Long[0, 40_000])
            .List[1, 20]
            .Sample(
                static files =>
                {
                    var total = files.Sum(static f => f.Item2);
                    if (total == 0)
                    {
                        return;
                    }

                    var info = TorrentInfoWriter.WriteFolder(
                        "x",
                        files.ConvertAll(static f => new NewTorrentFile(f.Item1, f.Item2)),
                        16384,
                        new byte[(total + 16383) / 16384 * 20]
                    );
                    Assert.That(info.Files.Select(static f => f.Length), Is.EqualTo(files.Select(static f => f.Item2)));
                    AssertTree(info);
                    Assert.That(Torrents.Paths(TorrentInfoReader.Read(info.Bytes)), Is.EqualTo(Torrents.Paths(info)));
                },
                iter: 2_000
            );
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => AssertTree(TorrentInfoReader.Read(bytes, "windows-1251")),
            [
                Torrents.SingleFile(),
                Torrents.Folder("a", "b|c", ".pad|1"),
                Fuzz.Ascii("d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae"),
                Fuzz.Ascii(
                    "d5:filesld6:lengthi1e4:pathl1:a1:beed4:attr1:p6:lengthi2e4:pathl1:aeee4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae"
                ),
            ],
            Words
        );
    }

    /// <summary>What every reader of a torrent may rely on.</summary>
    private static void AssertTree(TorrentInfo info)
    {
        var paths = Torrents.Paths(info);
        var files = paths.ToHashSet(StringComparer.Ordinal);
        Assert.That(files, Has.Count.EqualTo(paths.Length), "two files have the same path");
        foreach (var file in info.Files)
        {
            foreach (var name in file.Path)
            {
                Assert.That(name, Is.Not.Empty.And.Not.EqualTo(".").And.Not.EqualTo(".."));
                Assert.That(name.Any(static c => c == '/' || char.IsControl(c)), Is.False);
                Assert.That(Encoding.UTF8.GetByteCount(name), Is.LessThanOrEqualTo(255));
            }

            for (var depth = 1; depth < file.Path.Count; depth++)
            {
                Assert.That(files, Does.Not.Contain(string.Join('/', file.Path.Take(depth))), "a file is where a folder is");
            }
        }

        Assert.That(info.PieceHashes.Length, Is.EqualTo(info.Layout.PieceCount * 20));
    }

    private static void File(BencodeWriter writer, long length, string first, string? second = null, string? attr = null)
    {
        writer.Dictionary();
        if (attr is not null)
        {
            writer.Key("attr"u8).String(attr);
        }

        writer.Key("length"u8).Integer(length).Key("path"u8).List().String(first);
        if (second is not null)
        {
            writer.String(second);
        }

        writer.End().End();
    }
}
