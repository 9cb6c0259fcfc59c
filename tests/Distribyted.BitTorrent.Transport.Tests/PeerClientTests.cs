using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Tests;

internal sealed class PeerClientTests
{
    [TestCase("203.0.113.7", "203.0.113.7", true)]
    [TestCase("203.0.113.7", "203.0.113.8", false)]
    [TestCase("203.0.113.7", "::ffff:203.0.113.7", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void An_IPv6_address_counts_by_its_first_64_bits(string one, string other, bool same)
    {
        var (first, second) = (Peer(one, 1), Peer(other, 2));

        Assert.That(PeerClient.Of(first) == PeerClient.Of(second), Is.EqualTo(same));
        Assert.That(PeerClient.KeyOf(first) == PeerClient.KeyOf(second), Is.EqualTo(same));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void On_loopback_every_end_point_has_a_key_of_its_own(string address)
    {
        Assert.That(PeerClient.KeyOf(Peer(address, 1)), Is.Not.EqualTo(PeerClient.KeyOf(Peer(address, 2))));
    }

    private static PeerEndPoint Peer(string address, int port)
    {
        return new PeerEndPoint(IPAddress.Parse(address), port);
    }
}
