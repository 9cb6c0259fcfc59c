using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Discovery.LocalDiscovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Discovery.Tests.LocalDiscovery;

/// <summary>The real groups, on the loopback interface.</summary>
[TestFixture, CancelAfter(30_000), Platform("Linux")]
internal sealed class MulticastSocketsTests
{
    private static readonly TransportOptions Loopback = new() { BindAddresses = [IPAddress.Loopback] };

    [Test]
    public async Task What_one_sends_the_other_hears(CancellationToken cancellationToken)
    {
        await using var one = new MulticastSockets(Loopback, TimeProvider.System, NullLogger.Instance);
        await using var other = new MulticastSockets(Loopback, TimeProvider.System, NullLogger.Instance);
        var hash = InfoHash.Compute(Guid.NewGuid().ToByteArray());
        var heard = new TaskCompletionSource<PeerEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        one.Start(static (_, _) => { });
        other.Start(
            (announce, peer) =>
            {
                if (announce.InfoHashes.Contains(hash))
                {
                    heard.TrySetResult(peer);
                }
            }
        );

        one.Send(new LocalAnnounce(4711, [hash], "one"));

        Assert.That(await heard.Task.WaitAsync(cancellationToken), Is.EqualTo(new PeerEndPoint(IPAddress.Loopback, 4711)));
    }

    [Test]
    public async Task What_is_no_announce_is_dropped_and_the_next_one_is_heard(CancellationToken cancellationToken)
    {
        await using var sockets = new MulticastSockets(Loopback, TimeProvider.System, NullLogger.Instance);
        var hash = InfoHash.Compute(Guid.NewGuid().ToByteArray());
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sockets.Start(
            (announce, _) =>
            {
                if (announce.InfoHashes.Contains(hash))
                {
                    heard.TrySetResult();
                }
            }
        );
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        sender.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        var group = IPEndPoint.Parse("239.192.152.143:6771");

        sender.SendTo(new byte[3000], group);
        sender.SendTo(Encoding.ASCII.GetBytes("M-SEARCH * HTTP/1.1\r\n\r\n"), group);
        sender.SendTo(new LocalAnnounce(1, [hash], "").Write(group.ToString()), group);

        await heard.Task.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task After_its_end_it_sends_and_joins_nothing()
    {
        var sockets = new MulticastSockets(Loopback, TimeProvider.System, NullLogger.Instance);
        sockets.Start(static (_, _) => { });
        await sockets.DisposeAsync();

        Assert.That(
            () =>
            {
                sockets.Refresh();
                sockets.Send(new LocalAnnounce(1, [default], ""));
            },
            Throws.Nothing
        );
    }

    [TestCase("192.168.1.7", 24, "192.168.1.200", true)]
    [TestCase("192.168.1.7", 24, "192.168.2.7", false)]
    [TestCase("198.51.100.129", 25, "198.51.100.128", true)]
    [TestCase("198.51.100.129", 25, "198.51.100.127", false)]
    [TestCase("2001:db8::1", 64, "2001:db8::ffff:1", true)]
    [TestCase("2001:db8::1", 64, "2001:db8:0:1::1", false)]
    [TestCase("2001:db8::1", 64, "192.168.1.1", false)]
    [TestCase("10.0.0.1", 0, "1.2.3.4", true)]
    public void A_network_has_the_addresses_of_its_prefix(string own, int prefix, string other, bool isIn)
    {
        Assert.That(new LocalNetwork(1, IPAddress.Parse(own), prefix).Contains(IPAddress.Parse(other)), Is.EqualTo(isIn));
    }

    [Test]
    public void Only_bound_addresses_take_part()
    {
        var networks = LocalNetwork.All(Loopback);

        Assert.That(networks.Select(static n => n.Address), Is.EqualTo([IPAddress.Loopback]));
        Assert.That(LocalNetwork.All(new TransportOptions { BindAddresses = [IPAddress.Parse("192.0.2.77")] }), Is.Empty);
    }
}
