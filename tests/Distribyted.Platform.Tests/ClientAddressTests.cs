using System.Net;

namespace Distribyted.Platform.Tests;

internal sealed class ClientAddressTests
{
    [TestCase("203.0.113.7", "203.0.113.7")]
    [TestCase("::ffff:203.0.113.7", "203.0.113.7")]
    [TestCase("2001:db8:1:2:ffff::9", "2001:db8:1:2::")]
    [TestCase("::1", "::1")]
    [TestCase(null, "255.255.255.255")]
    public void A_client_is_an_IPv4_address_or_the_64_of_an_IPv6_address(string? address, string client)
    {
        Assert.That(ClientAddress.Of(address is null ? null : IPAddress.Parse(address)), Is.EqualTo(IPAddress.Parse(client)));
    }
}
