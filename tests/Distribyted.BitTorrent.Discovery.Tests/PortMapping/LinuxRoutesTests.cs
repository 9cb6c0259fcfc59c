using Distribyted.BitTorrent.Discovery.PortMapping.Links;

namespace Distribyted.BitTorrent.Discovery.Tests.PortMapping;

/// <summary>What /proc/net tells of default routes.</summary>
internal sealed class LinuxRoutesTests
{
    [Test]
    public void Default_routes_of_IPv4_are_found()
    {
        const string Text =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n"
            + "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
            + "wlan0\t00000000\tFE00000A\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
            + "wg0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n"
            + "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
            + "tun0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n";

        var routes = LinuxRoutes.ReadIPv4(Text);

        Assert.That(
            routes.Select(static route => $"{route.Interface} {route.Router} {route.Metric}"),
            Is.EqualTo(["eth0 192.168.1.1 100", "wlan0 10.0.0.254 600"])
        );
    }

    [Test]
    public void Default_routes_of_IPv6_are_found()
    {
        const string Text =
            "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000021122fffe334455 00000400 00000001 00000000 00450003     eth0\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

        var routes = LinuxRoutes.ReadIPv6(Text);

        Assert.That(
            routes.Select(static route => $"{route.Interface} {route.Router} {route.Metric}"),
            Is.EqualTo(["eth0 fe80::211:22ff:fe33:4455 1024"])
        );
    }

    [TestCase("")]
    [TestCase("\n\n")]
    [TestCase("eth0\t00000000\t0101A8C0")]
    [TestCase("eth0\tx\ty\tz\t0\t0\t100\t00000000\t0\t0\t0")]
    [TestCase("0 00 0 00 x 1 1 1 3 eth0")]
    public void Other_text_is_no_route(string text)
    {
        Assert.That(LinuxRoutes.ReadIPv4(text), Is.Empty);
        Assert.That(LinuxRoutes.ReadIPv6(text), Is.Empty);
    }
}
