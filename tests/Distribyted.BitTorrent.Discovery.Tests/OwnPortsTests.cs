using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Tests;

/// <summary>Which port whom is told.</summary>
internal sealed class OwnPortsTests
{
    [TestCase("8.8.8.8", 50000, 0, 50000)]
    [TestCase("8.8.8.8", 0, 0, 42069)]
    [TestCase("8.8.8.8", 50000, 5555, 5555)]
    [TestCase("2a00::7", 50000, 0, 42069)]
    [TestCase("2a00::7", 50000, 5555, 5555)]
    [TestCase("192.168.1.7", 50000, 5555, 42069)]
    [TestCase("fe80::7", 50000, 5555, 42069)]
    [TestCase("127.0.0.1", 50000, 5555, 42069)]
    public void A_peer_is_told_the_port_that_it_can_reach(string peer, int mapped, int named, int told)
    {
        var ports = OwnPorts.Of(open: 42069, mapped, named);

        Assert.That(ports.For(new PeerEndPoint(IPAddress.Parse(peer), 1)), Is.EqualTo(told));
    }

    [Test]
    public void Before_the_port_is_open_there_is_none()
    {
        Assert.That(OwnPorts.None, Is.EqualTo(OwnPorts.Of(0, 0, 0)));
    }
}
