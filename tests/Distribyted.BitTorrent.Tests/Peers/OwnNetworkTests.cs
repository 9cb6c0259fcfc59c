using System.Net.Sockets;
using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class OwnNetworkTests
{
    private const long Second = MonotonicClock.Second;

    [TestCase(SocketError.NetworkDown, 0, true)]
    [TestCase(SocketError.NetworkUnreachable, 0, true)]
    [TestCase(SocketError.NetworkUnreachable, 100_000, false, Description = "a router far away says so")]
    [TestCase(SocketError.AddressNotAvailable, 0, true)]
    [TestCase(SocketError.HostUnreachable, 0, false, Description = "a neighbour that is switched off")]
    [TestCase(SocketError.ConnectionRefused, 0, false)]
    [TestCase(SocketError.TimedOut, 5_000_000, false)]
    public void Whose_failure_it_is(SocketError error, long took, bool isOurs)
    {
        var network = new OwnNetwork();

        Assert.That(network.IsToBlame(isIPv6: false, error, took, 0), Is.EqualTo(isOurs));
        Assert.That(network.MayDial(isIPv6: false, 0), Is.Not.EqualTo(isOurs));
        Assert.That(network.MayDial(isIPv6: true, 0), "the other family is not held");
    }

    [Test]
    public void The_hold_grows_to_two_seconds_and_ends_with_a_success()
    {
        var network = new OwnNetwork();
        var holds = new List<long>();
        var now = 0L;
        for (var i = 0; i < 4; i++)
        {
            network.IsToBlame(isIPv6: false, SocketError.NetworkUnreachable, 0, now);
            network.IsToBlame(isIPv6: false, SocketError.NetworkUnreachable, 0, now + 1); // another one of the same moment
            var since = now;
            while (!network.MayDial(isIPv6: false, now))
            {
                now += Second / 10;
            }

            holds.Add(now - since);
        }

        Assert.That(holds, Is.EqualTo([Second / 2, Second, 2 * Second, 2 * Second]));
        network.IsToBlame(isIPv6: false, SocketError.NetworkUnreachable, 0, now);
        network.Works(isIPv6: false);
        Assert.That(network.MayDial(isIPv6: false, now));
    }

    [Test]
    public void A_family_without_an_address_to_leave_from_is_never_dialled()
    {
        var network = new OwnNetwork(hasIPv4: true, hasIPv6: false);

        Assert.That(network.MayDial(isIPv6: true, 100 * Second), Is.False);
        Assert.That(network.MayDial(isIPv6: false, 0));
    }
}
