using System.Text;
using CsCheck;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tests.Model;

internal sealed class ParsedTorrentTests
{
    [Test]
    public void Links_are_found_in_every_kind_of_text_file()
    {
        var link = Rows.Magnet("x");
        byte[][] files =
        [
            Encoding.UTF8.GetBytes(link),
            Encoding.UTF8.GetBytes($"[InternetShortcut]\r\nURL={link}\r\n"),
            [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(link + "\n")],
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(link)],
            Encoding.Unicode.GetBytes(link + "\r\n"),
            Encoding.BigEndianUnicode.GetBytes("\n" + link),
            Encoding.UTF8.GetBytes($"see <a href=\"{link}\">this</a>"),
        ];

        foreach (var file in files)
        {
            Assert.That(ParsedTorrent.FindMagnets(file), Is.EqualTo(new[] { link }));
        }
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Gen.Byte.Array[0, 2048]
            .Sample(bytes =>
            {
                var links = ParsedTorrent.FindMagnets(bytes);
                var isTorrent = ParsedTorrent.TryReadFile(bytes, out var parsed, out var error);
                return isTorrent == (error is null) && isTorrent == (parsed is not null) && links.All(l => l.Length > 0);
            });
    }

    [Test]
    public void A_bare_info_hash_is_a_link_without_trackers()
    {
        Assert.That(ParsedTorrent.TryReadMagnet($" {Rows.Hash("x")}\n", out var parsed, out _));
        Assert.That(parsed!.Magnet, Is.EqualTo(Rows.Magnet("x")));
        Assert.That(parsed.InfoHash, Is.EqualTo(Rows.Hash("x")));
    }
}
