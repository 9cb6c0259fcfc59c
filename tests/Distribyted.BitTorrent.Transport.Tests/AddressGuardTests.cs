using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Tests;

internal sealed class AddressGuardTests
{
    private static readonly AddressGuard Guard = new(new TransportOptions(), []);

    [TestCase("8.8.8.8", nameof(AddressScope.Global))]
    [TestCase("100.63.255.255", nameof(AddressScope.Global))]
    [TestCase("100.64.0.1", nameof(AddressScope.Private))]
    [TestCase("100.127.255.255", nameof(AddressScope.Private))]
    [TestCase("100.128.0.0", nameof(AddressScope.Global))]
    [TestCase("10.0.0.1", nameof(AddressScope.Private))]
    [TestCase("172.15.255.255", nameof(AddressScope.Global))]
    [TestCase("172.16.0.1", nameof(AddressScope.Private))]
    [TestCase("172.31.255.255", nameof(AddressScope.Private))]
    [TestCase("172.32.0.0", nameof(AddressScope.Global))]
    [TestCase("192.168.1.1", nameof(AddressScope.Private))]
    [TestCase("198.18.0.1", nameof(AddressScope.Private))]
    [TestCase("127.0.0.1", nameof(AddressScope.Loopback))]
    [TestCase("127.255.255.254", nameof(AddressScope.Loopback))]
    [TestCase("169.254.169.254", nameof(AddressScope.LinkLocal))]
    [TestCase("0.0.0.0", nameof(AddressScope.Never))]
    [TestCase("0.1.2.3", nameof(AddressScope.Never))]
    [TestCase("224.0.0.1", nameof(AddressScope.Never))]
    [TestCase("239.255.255.255", nameof(AddressScope.Never))]
    [TestCase("255.255.255.255", nameof(AddressScope.Never))]
    [TestCase("2a00:1450:4001::1", nameof(AddressScope.Global))]
    [TestCase("::1", nameof(AddressScope.Loopback))]
    [TestCase("::", nameof(AddressScope.Never))]
    [TestCase("fe80::1", nameof(AddressScope.LinkLocal))]
    [TestCase("fc00::1", nameof(AddressScope.Private))]
    [TestCase("fd12:3456::1", nameof(AddressScope.Private))]
    [TestCase("fec0::1", nameof(AddressScope.Private))]
    [TestCase("ff02::1", nameof(AddressScope.Never))]
    [TestCase("::ffff:127.0.0.1", nameof(AddressScope.Loopback))]
    [TestCase("::ffff:8.8.8.8", nameof(AddressScope.Global))]
    [TestCase("::10.0.0.1", nameof(AddressScope.Private))]
    [TestCase("64:ff9b::127.0.0.1", nameof(AddressScope.Loopback))]
    [TestCase("64:ff9b::8.8.8.8", nameof(AddressScope.Global))]
    [TestCase("2002:7f00:1::1", nameof(AddressScope.Loopback))]
    [TestCase("2002:0808:0808::1", nameof(AddressScope.Global))]
    public void An_address_reaches_as_far_as_it_leads(string address, string scope)
    {
        Assert.That(AddressGuard.ScopeOf(IPAddress.Parse(address)).ToString(), Is.EqualTo(scope));
    }

    [TestCase("8.8.8.8", "http://tracker.example/anything?x=1", true)]
    [TestCase("127.0.0.1", "http://127.0.0.1:6969/announce", true)]
    [TestCase("127.0.0.1", "http://127.0.0.1:6969/scrape", true)]
    [TestCase("127.0.0.1", "http://127.0.0.1:6969/api/delete?announce", false)]
    [TestCase("127.0.0.1", "http://127.0.0.1:6969/announce/../api", false)]
    [TestCase("127.0.0.1", "http://127.0.0.1:6969/Announce", false)]
    [TestCase("192.168.1.10", "https://nas/announce", true)]
    [TestCase("192.168.1.10", "https://nas/", false)]
    [TestCase("192.168.1.10", "udp://nas:6969", true)]
    [TestCase("169.254.169.254", "http://169.254.169.254/announce", false)]
    [TestCase("224.0.0.1", "udp://224.0.0.1:6969/announce", false)]
    [TestCase("8.8.8.8", "ftp://tracker.example/announce", false)]
    [TestCase("8.8.8.8", "wss://tracker.example/announce", false)]
    public void Trackers_at_home_get_an_announce_and_nothing_else(string connected, string uri, bool may)
    {
        Assert.That(Guard.MayConnect(IPAddress.Parse(connected), RequestPurpose.Tracker, new Uri(uri)), Is.EqualTo(may));
    }

    [Test]
    public void A_redirect_leads_to_public_addresses_only()
    {
        const RequestPurpose purpose = RequestPurpose.Redirect;
        var uri = new Uri("http://host.example/announce");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Guard.MayConnect(IPAddress.Parse("8.8.8.8"), purpose, uri), Is.True);
            Assert.That(Guard.MayConnect(IPAddress.Loopback, purpose, uri), Is.False);
            Assert.That(Guard.MayConnect(IPAddress.Parse("10.1.2.3"), purpose, uri), Is.False);
            Assert.That(Guard.MayConnect(IPAddress.Parse("fe80::1"), purpose, uri), Is.False);
        }
    }

    [TestCase("nas.home", "10.1.2.3", true)]
    [TestCase("10.1.2.3", "10.1.2.3", true)]
    [TestCase("10.0.0.0/8", "10.1.2.3", true)]
    [TestCase("10.0.0.0/16", "10.1.2.3", false)]
    [TestCase("fe80::/10", "fe80::7", true)]
    [TestCase("other.home", "10.1.2.3", false)]
    [TestCase("0.0.0.0/0", "224.0.0.1", false)]
    public void The_user_may_allow_private_addresses_by_host_address_or_network(string entry, string connected, bool may)
    {
        var guard = new AddressGuard(new TransportOptions { OutgoingAllow = [entry] }, []);

        Assert.That(
            guard.MayConnect(IPAddress.Parse(connected), RequestPurpose.Redirect, new Uri("http://nas.home/announce")),
            Is.EqualTo(may)
        );
    }

    [Test]
    public void A_tracker_that_stands_in_the_configuration_may_have_any_path()
    {
        var guard = new AddressGuard(new TransportOptions(), ["http://10.1.2.3:8080/key/announce"]);
        var home = IPAddress.Parse("10.1.2.3");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(guard.MayConnect(home, RequestPurpose.Tracker, new Uri("http://10.1.2.3:8080/key/announce")), Is.True);
            Assert.That(guard.MayConnect(home, RequestPurpose.Tracker, new Uri("http://10.1.2.3:8081/key/announce")), Is.False);
            Assert.That(guard.MayConnect(home, RequestPurpose.Redirect, new Uri("http://10.1.2.3:8080/key/announce")), Is.False);
        }
    }

    [TestCase("8.8.8.8", 6881, "9.9.9.9", true)]
    [TestCase("8.8.8.8", 80, "9.9.9.9", true)]
    [TestCase("8.8.8.8", 443, "9.9.9.9", true)]
    [TestCase("8.8.8.8", 22, "9.9.9.9", false)]
    [TestCase("8.8.8.8", 1023, "9.9.9.9", false)]
    [TestCase("8.8.8.8", 1024, "9.9.9.9", true)]
    [TestCase("8.8.8.8", 0, "9.9.9.9", false)]
    [TestCase("127.0.0.1", 6881, "9.9.9.9", false)]
    [TestCase("192.168.1.5", 6881, "9.9.9.9", false)]
    [TestCase("127.0.0.1", 6881, "127.0.0.1", true)]
    [TestCase("127.0.0.1", 6881, "192.168.1.1", true)]
    [TestCase("192.168.1.5", 6881, "192.168.1.1", true)]
    [TestCase("169.254.1.1", 6881, "192.168.1.1", false)]
    [TestCase("224.0.0.5", 6881, "127.0.0.1", false)]
    [TestCase("255.255.255.255", 6881, "127.0.0.1", false)]
    [TestCase("0.0.0.0", 6881, "127.0.0.1", false)]
    [TestCase("::1", 6881, "9.9.9.9", false)]
    [TestCase("2a00::1", 6881, "9.9.9.9", true)]
    public void A_tracker_names_peers_no_nearer_than_itself(string address, int port, string tracker, bool may)
    {
        Assert.That(
            Guard.MayDial(new PeerEndPoint(IPAddress.Parse(address), port), IPAddress.Parse(tracker), webPorts: true),
            Is.EqualTo(may)
        );
    }

    [Test]
    public void Without_IPv6_nothing_is_reached_by_it()
    {
        var guard = new AddressGuard(new TransportOptions { DisableIPv6 = true }, []);
        var address = IPAddress.Parse("2a00::1");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(guard.MayConnect(address, RequestPurpose.Tracker, new Uri("http://tracker.example/announce")), Is.False);
            Assert.That(guard.MayDial(new PeerEndPoint(address, 6881), null, webPorts: true), Is.False);
            Assert.That(
                guard.MayConnect(IPAddress.Parse("::ffff:8.8.8.8"), RequestPurpose.Tracker, new Uri("http://tracker.example/announce")),
                Is.True
            );
        }
    }
}
