using System.Net;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Protocol.Tests.Dht;

internal sealed class SavedDhtTests
{
    private static readonly SavedDht IPv4 = new(
        new NodeId("abcdefghij0123456789"u8),
        new PeerEndPoint(IPAddress.Parse("1.2.3.4"), 0),
        [new CompactNode(new NodeId("mnopqrstuvwxyz123456"u8), new PeerEndPoint(IPAddress.Parse("5.6.7.8"), 9))]
    );

    private static readonly SavedDht IPv6 = new(
        new NodeId("9876543210abcdefghij"u8),
        null,
        [new CompactNode(new NodeId("mnopqrstuvwxyz123456"u8), new PeerEndPoint(IPAddress.Parse("2001:db8::1"), 9))]
    );

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public void What_is_written_is_read_back(bool hasIPv4, bool hasIPv6)
    {
        var (ipv4, ipv6) = SavedDht.Read(SavedDht.Write(hasIPv4 ? IPv4 : null, hasIPv6 ? IPv6 : null));

        Assert.That(ipv4 is not null, Is.EqualTo(hasIPv4));
        Assert.That(ipv6 is not null, Is.EqualTo(hasIPv6));
        if (ipv4 is not null)
        {
            Assert.That((ipv4.Self, ipv4.Address), Is.EqualTo((IPv4.Self, IPv4.Address)));
            Assert.That(ipv4.Nodes, Is.EqualTo(IPv4.Nodes));
        }
    }

    [Test]
    public void A_file_that_is_torn_anywhere_is_refused()
    {
        var file = SavedDht.Write(IPv4, IPv6);

        for (var length = 0; length < file.Length; length++)
        {
            Assert.That(() => SavedDht.Read(file.AsSpan(0, length)), Throws.TypeOf<ProtocolException>());
        }
    }

    [Test]
    public void Any_file_is_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => SavedDht.Read(bytes),
            [SavedDht.Write(IPv4, IPv6), SavedDht.Write(IPv4, null)],
            ["ipv4", "ipv6", "id", "address", "nodes", "abcdefghij0123456789"]
        );
    }
}
