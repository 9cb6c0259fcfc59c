using System.Net;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Protocol.Tests.Dht;

internal sealed class NodeIdTests
{
    [TestCase(0, 0x80)]
    [TestCase(7, 0x01)]
    [TestCase(63, 0x01)]
    [TestCase(64, 0x80)]
    [TestCase(127, 0x01)]
    [TestCase(128, 0x80)]
    [TestCase(159, 0x01)]
    public void Shared_bits_are_those_before_the_first_that_differs(int shared, int bit)
    {
        var other = new byte[NodeId.Length];
        other[shared / 8] = (byte)bit;

        Assert.That(default(NodeId).SharedBits(new NodeId(other)), Is.EqualTo(shared));
        Assert.That(new NodeId(other).SharedBits(new NodeId(other)), Is.EqualTo(NodeId.Bits));
    }

    [TestCase(0)]
    [TestCase(8)]
    [TestCase(19)]
    public void The_nearer_of_two_shares_more_with_the_target(int at)
    {
        var target = Id(0x5a, 0xa5);
        var near = Bytes(target);
        near[at] ^= 1;
        var far = Bytes(target);
        far[at] ^= 2;

        Assert.That(NodeId.CompareDistance(new NodeId(near), new NodeId(far), target), Is.Negative);
        Assert.That(NodeId.CompareDistance(new NodeId(far), new NodeId(near), target), Is.Positive);
        Assert.That(NodeId.CompareDistance(new NodeId(near), new NodeId(near), target), Is.Zero);
    }

    // The vectors of BEP 42.
    [TestCase("124.31.75.21", 1, "5fbfbf")]
    [TestCase("21.75.31.124", 86, "5a3ce9")]
    [TestCase("65.23.51.170", 22, "a5d432")]
    [TestCase("84.124.73.14", 65, "1b0321")]
    [TestCase("43.213.53.83", 90, "e56f6c")]
    public void A_secure_id_follows_from_the_address(string address, int last, string prefix)
    {
        var endPoint = new PeerEndPoint(IPAddress.Parse(address), 6881);
        var random = new byte[NodeId.Length];
        random[^1] = (byte)last;

        var id = SecureNodeId.Make(endPoint, random);

        var expected = Convert.FromHexString(prefix);
        var bytes = Bytes(id);
        Assert.That(bytes[..2], Is.EqualTo(expected[..2]));
        Assert.That(bytes[2] & 0xf8, Is.EqualTo(expected[2] & 0xf8));
        Assert.That(bytes[^1], Is.EqualTo(last));
        Assert.That(SecureNodeId.IsValid(id, endPoint), Is.True);
        Assert.That(SecureNodeId.IsValid(id, new PeerEndPoint(IPAddress.Parse("9.9.9.9"), 6881)), Is.False);
    }

    [TestCase("124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401", true)]
    [TestCase("43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a", true)]
    [TestCase("43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305b", false)]
    [TestCase("43.213.53.84", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a", false)]
    public void Ids_of_others_are_checked(string address, string id, bool isValid)
    {
        var node = new NodeId(Convert.FromHexString(id));

        Assert.That(SecureNodeId.IsValid(node, new PeerEndPoint(IPAddress.Parse(address), 1)), Is.EqualTo(isValid));
    }

    [Test]
    public void An_IPv6_id_depends_on_the_first_half_of_the_address_only()
    {
        var id = SecureNodeId.Make(new PeerEndPoint(IPAddress.Parse("2001:db8:1:2::1"), 1), new byte[NodeId.Length]);

        Assert.That(SecureNodeId.IsValid(id, new PeerEndPoint(IPAddress.Parse("2001:db8:1:2:ffff::9"), 2)), Is.True);
        Assert.That(SecureNodeId.IsValid(id, new PeerEndPoint(IPAddress.Parse("2001:db8:1:3::1"), 1)), Is.False);
    }

    [Test]
    public void Compact_nodes_are_read_whole_and_with_a_port()
    {
        var node = new CompactNode(Id(1, 2), new PeerEndPoint(IPAddress.Parse("1.2.3.4"), 5));
        var bytes = new byte[CompactNode.LengthIPv4];
        Assert.That(node.Write(bytes), Is.EqualTo(bytes.Length));
        List<CompactNode> nodes = [];

        CompactNode.ReadAll([.. bytes, .. bytes[..^2], 0, 0, .. bytes, .. bytes[..20]], isIPv6: false, 8, nodes);

        Assert.That(nodes, Is.EqualTo(new[] { node, node }));
    }

    private static NodeId Id(byte first, byte last)
    {
        var bytes = new byte[NodeId.Length];
        (bytes[0], bytes[^1]) = (first, last);
        return new NodeId(bytes);
    }

    private static byte[] Bytes(NodeId id)
    {
        var bytes = new byte[NodeId.Length];
        id.CopyTo(bytes);
        return bytes;
    }
}
