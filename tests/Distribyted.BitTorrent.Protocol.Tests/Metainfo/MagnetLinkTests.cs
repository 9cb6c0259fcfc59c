using System.Net;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

public sealed class MagnetLinkTests
{
    private const string Hex = "c9e15763f722f23e98a29decdfae341b98d53056";
    private const string Base32 = "ZHQVOY7XELZD5GFCTXWN7LRUDOMNKMCW";
    private static readonly InfoHash Hash = new(Convert.FromHexString(Hex));

    [TestCase("magnet:?xt=urn:btih:" + Hex)]
    [TestCase("magnet:?xt=urn:btih:C9E15763F722F23E98A29DECDFAE341B98D53056")]
    [TestCase("MAGNET:?XT=URN:BTIH:" + Hex)]
    [TestCase("magnet:?xt=urn:btih:" + Base32)]
    [TestCase("magnet:?xt=urn%3Abtih%3A" + Hex)]
    [TestCase("magnet:?xt.1=urn:btih:" + Hex)]
    [TestCase("magnet:?dn=x&xt=urn:btih:" + Hex + "&&=&y&tr=")]
    [TestCase("magnet:?xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e&xt=urn:btih:" + Hex)]
    [TestCase("  magnet:?xt=urn:btih:" + Hex + "\r\n")]
    [TestCase(Hex)]
    [TestCase(" " + Base32 + " ")]
    [TestCase("\uFEFFmagnet:?xt=urn:btih:" + Hex)]
    [TestCase("\u200Bmagnet:?xt=urn:btih:" + Hex + "\u200B")]
    [TestCase("magnet:?xt=urn:btih:" + Hex + "\u200B&dn=x")]
    [TestCase("magnet:?xt=urn:btih:" + Hex + "%E2%80%8B")]
    [TestCase("\uFEFF" + Hex + "\u2060\0")]
    [TestCase("<magnet:?xt=urn:btih:" + Hex + ">")]
    [TestCase("\"magnet:?xt=urn:btih:" + Hex + "\"")]
    [TestCase("magnet:?dn=x&#38;xt=urn:btih:" + Hex)]
    [TestCase("magnet:&#x3F;xt&#x3D;urn&#x3A;btih&#x3A;" + Hex)]
    public void The_info_hash_is_found(string text)
    {
        Assert.That(MagnetLink.Parse(text).InfoHash, Is.EqualTo(Hash));
    }

    [TestCase("", ProtocolError.Malformed, "magnet:?")]
    [TestCase("http://example.org/", ProtocolError.Malformed, "magnet:?")]
    [TestCase("c9e15763f722f23e98a29decdfae341b98d5305", ProtocolError.Malformed, "40 hexadecimal")]
    [TestCase("magnet:?", ProtocolError.Missing, "no info hash")]
    [TestCase("magnet:?dn=x", ProtocolError.Missing, "no info hash")]
    [TestCase("magnet:?xt=urn:btih:123", ProtocolError.Invalid, "neither 40 hexadecimal")]
    [TestCase("magnet:?xt=urn:btih:z9e15763f722f23e98a29decdfae341b98d53056", ProtocolError.Invalid, "neither 40 hexadecimal")]
    [TestCase("magnet:?xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e", ProtocolError.Unsupported, "v2")]
    public void What_is_wrong_is_said(string text, ProtocolError expected, string words)
    {
        var refusal = Torrents.Refusal(() => MagnetLink.Parse(text));

        Assert.That(refusal.Error, Is.EqualTo(expected));
        Assert.That(refusal.Message, Does.Contain(words));
        Assert.That(MagnetLink.TryParse(text, out var none, out var error), Is.False);
        Assert.That((none, error), Is.EqualTo(((MagnetLink?)null, refusal.Message)));
    }

    [TestCase("&")]
    [TestCase("&amp;")]
    [TestCase("&#38;")]
    [TestCase("&#038;")]
    [TestCase("&#x26;")]
    [TestCase("&amp;amp;")]
    [TestCase("&amp;#38;")]
    [TestCase("\u200B&")]
    [TestCase("%20&")]
    public void Trackers_are_found_however_the_link_was_copied_from_a_page(string and)
    {
        var link = MagnetLink.Parse(
            $"magnet:?xt=urn:btih:{Hex}{and}tr=udp%3A%2F%2Fa.example%3A1337{and}tr=http://b/announce{and}dn=x{and}"
        );

        Assert.That(link.Trackers.SelectMany(static tier => tier), Is.EqualTo(new[] { "udp://a.example:1337", "http://b/announce" }));
    }

    [TestCase("[2001:db8::1]:6881")]
    [TestCase("2001:db8::1:6881")]
    [TestCase("%5B2001%3Adb8%3A%3A1%5D%3A6881")]
    public void An_IPv6_peer_is_read_with_and_without_brackets(string peer)
    {
        Assert.That(
            MagnetLink.Parse($"magnet:?xt=urn:btih:{Hex}&x.pe={peer}").Peers,
            Is.EqualTo(new[] { new PeerEndPoint(IPAddress.Parse("2001:db8::1"), 6881) })
        );
    }

    [TestCase("Sintel", "Sintel")]
    [TestCase("Big+Buck%20Bunny", "Big Buck Bunny")]
    [TestCase("C%2B%2B", "C++")]
    [TestCase("%D0%9A%D0%B8%D0%BD%D0%BE", "Кино")]
    [TestCase("Кино", "Кино")]
    [TestCase("100%", "100%")]
    [TestCase("%E9t%E9", "été")]
    [TestCase("a%2Fb", "a_b")]
    [TestCase("", null)]
    public void Names_are_decoded(string raw, string? expected)
    {
        Assert.That(MagnetLink.Parse($"magnet:?xt=urn:btih:{Hex}&dn={raw}").Name, Is.EqualTo(expected));
    }

    [Test]
    public void Everything_else_is_found_too()
    {
        var magnet = MagnetLink.Parse(
            $"magnet:?xt=urn:btih:{Hex}&amp;xl=129302391&tr=udp%3A%2F%2Fa.example%3A1337&tr.1=http://b/announce?passkey=a+b&tr=http://b/announce?passkey=a%2Bb"
                + "&ws=https%3A%2F%2Fw%2Ff&ws=ftp://w&xs=http://x/t.torrent&x.pe=1.2.3.4:6881&x.pe=[2001:db8::1]:80&x.pe=host.example:7&x.pe=nonsense&x.pe=1.2.3.4:0"
                + "&so=0,2,4-6,9-8,x"
        );

        Assert.That(magnet.ExactLength, Is.EqualTo(129_302_391));
        Assert.That(magnet.Trackers, Is.EqualTo(new[] { new[] { "udp://a.example:1337" }, ["http://b/announce?passkey=a+b"] }));
        Assert.That(magnet.WebSeeds, Is.EqualTo(new[] { "https://w/f" }));
        Assert.That(magnet.ExactSources, Is.EqualTo(new[] { "http://x/t.torrent" }));
        Assert.That(
            magnet.Peers,
            Is.EqualTo(new[] { new PeerEndPoint(IPEndPoint.Parse("1.2.3.4:6881")), new PeerEndPoint(IPEndPoint.Parse("[2001:db8::1]:80")) })
        );
        Assert.That(magnet.PeerHosts, Is.EqualTo(new[] { "host.example:7" }));
        Assert.That(magnet.SelectOnly, Is.EqualTo(new[] { new FileRange(0, 0), new FileRange(2, 2), new FileRange(4, 6) }));
    }

    [Test]
    public void The_canonical_form_says_the_same()
    {
        var text = Gen.String[Gen.Char["aZ0 +&=%?#/éК電"], 1, 12];
        Gen.Select(
                Gen.Byte.Array[20],
                text,
                text.Array[0, 4],
                Gen.Long[1, long.MaxValue - 1].Nullable(),
                Gen.Select(Gen.Byte.Array[4], Gen.Int[1, 65535], static (ip, port) => new PeerEndPoint(new IPAddress(ip), port)).Array[
                    0,
                    3
                ],
                Gen.Select(Gen.Int[0, 9], Gen.Int[10, 99], static (a, b) => new FileRange(a, b)).Array[0, 3]
            )
            .Sample(
                static (hash, name, trackers, length, peers, files) =>
                {
                    var magnet = new MagnetLink
                    {
                        InfoHash = new InfoHash(hash),
                        Name = SafeName.Make(name),
                        Trackers =
                        [
                            .. trackers.Select(static t => (IReadOnlyList<string>)["http://" + t.Trim()]).DistinctBy(static t => t[0]),
                        ],
                        ExactLength = length,
                        Peers = peers,
                        PeerHosts = ["host.example:1"],
                        WebSeeds = ["https://w.example/a%20b"],
                        ExactSources = ["x?y&z"],
                        SelectOnly = files,
                    };
                    var read = MagnetLink.Parse(magnet.ToString());
                    return read.ToString() == magnet.ToString()
                        && read.Name == magnet.Name
                        && read.Trackers.Select(static t => t[0]).SequenceEqual(magnet.Trackers.Select(static t => t[0]))
                        && read.Peers.SequenceEqual(peers)
                        && read.SelectOnly.SequenceEqual(files);
                },
                iter: 2_000
            );
    }

    [Test]
    public void Ranges_that_would_unfold_to_billions_stay_ranges()
    {
        Assert.That(
            MagnetLink.Parse($"magnet:?xt=urn:btih:{Hex}&so=0-2147483647").SelectOnly,
            Is.EqualTo(new[] { new FileRange(0, int.MaxValue) })
        );
    }

    [Test]
    public void Any_text_is_read_or_refused()
    {
        var keys = Fuzz.AnyOf(["xt", "xt.1", "dn", "tr", "tr.7", "xl", "x.pe", "ws", "xs", "so", "", "%", "x.", ".pe"]);
        var values = Gen.OneOf(
            Gen.String[Gen.Char["%0aF+&=:,-[].1 \0é"], 0, 20],
            Fuzz.AnyOf(["urn:btih:" + Hex, "urn:btmh:12", "1.2.3.4:80", "[::1]:1", "-", "0-", "%", "%4", "%ZZ", "\ud800"])
        );
        Gen.Select(keys, values)
            .List[0, 8]
            .Sample(
                static pairs =>
                {
                    var text = "magnet:?" + string.Join('&', pairs.Select(static p => p.Item1 + "=" + p.Item2));
                    return MagnetLink.TryParse(text, out var magnet, out var error)
                        ? MagnetLink.Parse(magnet.ToString()).InfoHash == magnet.InfoHash
                        : error.Length > 0;
                },
                iter: Fuzz.Iterations(10_000)
            );
        Gen.String[Gen.Char, 0, 100]
            .Sample(static text => MagnetLink.TryParse(text, out _, out var error) || error.Length > 0, iter: Fuzz.Iterations(2_000));
    }

    [Test]
    public void A_link_as_long_as_a_book_is_refused()
    {
        Assert.That(MagnetLink.TryParse(new string('a', 70_000), out _, out var error), Is.False);
        Assert.That(error, Does.Contain("70000"));
    }
}
