using System.Net;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Protocol.Tests;

public sealed class PeerEndPointTests
{
    [TestCase("1.2.3.4:6881", "010203041ae1")]
    [TestCase("255.255.255.255:65535", "ffffffffffff")]
    [TestCase("0.0.0.0:0", "000000000000")]
    [TestCase("[2001:db8::1]:80", "20010db80000000000000000000000010050")]
    public void The_compact_form_is_read_and_written(string text, string hex)
    {
        var peer = new PeerEndPoint(IPEndPoint.Parse(text));
        var bytes = new byte[18];

        var written = peer.WriteCompact(bytes);

        Assert.That(Convert.ToHexStringLower(bytes.AsSpan(0, written)), Is.EqualTo(hex));
        Assert.That(written, Is.EqualTo(peer.CompactLength));
        Assert.That(PeerEndPoint.ReadCompact(bytes.AsSpan(0, written)), Is.EqualTo(peer));
        Assert.That(peer.ToString(), Is.EqualTo(text));
    }

    [Test]
    public void An_IPv4_address_in_IPv6_clothes_is_the_same_peer()
    {
        var mapped = new PeerEndPoint(IPAddress.Parse("::ffff:1.2.3.4"), 80);

        Assert.That(mapped, Is.EqualTo(new PeerEndPoint(IPAddress.Parse("1.2.3.4"), 80)));
        Assert.That(mapped.IsIPv6, Is.False);
    }

    [Test]
    public void IPv6_addresses_that_end_like_IPv4_ones_are_not_them()
    {
        Assert.That(new PeerEndPoint(IPAddress.Parse("::1.2.3.4"), 80), Is.Not.EqualTo(new PeerEndPoint(IPAddress.Parse("1.2.3.4"), 80)));
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(7)]
    [TestCase(17)]
    [TestCase(19)]
    public void Other_lengths_are_refused(int length)
    {
        Assert.That(() => PeerEndPoint.ReadCompact(new byte[length]), Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes =>
            {
                List<CompactNode> nodes = [];
                CompactNode.ReadAll(bytes, isIPv6: false, 16, nodes);
                CompactNode.ReadAll(bytes, isIPv6: true, 16, nodes);
                PeerEndPoint.ReadCompact(bytes);
            },
            [
                [1, 2, 3, 4, 5, 6],
                new byte[18],
                [.. new byte[10], 0xff, 0xff, 1, 2, 3, 4, 5, 6],
                new byte[26],
                new byte[76],
            ],
            []
        );
    }

    [Test]
    public void Addresses_survive()
    {
        Gen.Select(Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]), Gen.Int[0, 65535])
            .Sample(
                static (ip, port) =>
                {
                    var address = new IPAddress(ip);
                    var peer = new PeerEndPoint(address, port);
                    return peer.Address.Equals(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
                        && peer.Port == port
                        && peer.ToIPEndPoint().Port == port;
                },
                iter: 1_000
            );
    }
}
