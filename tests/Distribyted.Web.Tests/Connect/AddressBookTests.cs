using System.Net;
using Distribyted.Http.Listeners;
using Distribyted.Web.Connect;

namespace Distribyted.Web.Tests.Connect;

internal sealed class AddressBookTests
{
    private static readonly IPAddress[] Network = [IPAddress.Parse("192.168.1.20")];

    [TestCase(
        "http://nas.lan:4444/",
        "http://nas.lan:36911/ http://192.168.1.20:36911/ http://localhost:36911/",
        TestName = "As the browser came"
    )]
    [TestCase("http://192.168.1.20:4444/", "http://192.168.1.20:36911/ http://localhost:36911/", TestName = "Each once")]
    [TestCase("http://localhost:4444/", "http://192.168.1.20:36911/ http://localhost:36911/", TestName = "A phone cannot use localhost")]
    [TestCase("http://[::1]:4444/", "http://192.168.1.20:36911/ http://localhost:36911/", TestName = "Nor ::1")]
    [TestCase("http://[fd00::5]:4444/", "http://[fd00::5]:36911/ http://192.168.1.20:36911/ http://localhost:36911/", TestName = "IPv6")]
    [TestCase(
        "https://films.example.org/torrents/",
        "http://192.168.1.20:36911/ http://films.example.org:36911/ http://localhost:36911/",
        TestName = "Through a proxy"
    )]
    public void The_address_that_others_reach_first_is_first(string browser, string mounts)
    {
        var addresses = AddressBook.Of(new Uri(browser), new Ports(36911, null, null), Network, requireTls: false);

        Assert.That(string.Join(' ', addresses.WebDav.Select(a => a.Url.AbsoluteUri)), Is.EqualTo(mounts));
        Assert.That(addresses.Web.AbsoluteUri, Is.EqualTo(browser));
        Assert.That(addresses.IsForwarded, Is.EqualTo(browser.Contains("films", StringComparison.Ordinal)));
    }

    [TestCase("http://nas.lan:4444/", null, "http://nas.lan:4444/")]
    [TestCase("http://localhost:4444/x/", null, "http://192.168.1.20:4444/x/")]
    [TestCase("http://localhost:4444/", "127.0.0.1", null)]
    [TestCase("http://localhost:4444/", "10.0.0.7", "http://10.0.0.7:4444/")]
    public void Pages_have_an_address_for_other_devices_where_there_is_one(string browser, string? only, string? shared)
    {
        var ports = new Ports(36911, null, only is null ? null : IPAddress.Parse(only));

        var addresses = AddressBook.Of(new Uri(browser), ports, Network, requireTls: false);

        Assert.That(addresses.Shared?.AbsoluteUri, Is.EqualTo(shared));
    }

    [Test]
    public void Encrypted_addresses_follow_and_are_the_only_ones_where_that_is_asked_for()
    {
        var browser = new Uri("http://nas.lan:4444/");
        var ports = new Ports(36911, 36912, null);

        var both = AddressBook.Of(browser, ports, [], requireTls: false);
        var secure = AddressBook.Of(browser, ports, [], requireTls: true);

        Assert.That(both.WebDav.Select(a => a.IsEncrypted), Is.EqualTo([false, false, true, true]));
        Assert.That(secure.Mount!.AbsoluteUri, Is.EqualTo("https://nas.lan:36912/"));
        Assert.That(secure.WebDav, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_mount_on_one_address_has_no_other()
    {
        var ports = new Ports(36911, null, IPAddress.Parse("10.0.0.7"));

        var addresses = AddressBook.Of(new Uri("http://10.0.0.8:4444/"), ports, Network, requireTls: false);

        Assert.That(addresses.WebDav.Select(a => a.Url.AbsoluteUri), Is.EqualTo(["http://10.0.0.7:36911/"]));
    }

    [Test]
    public void Without_a_mount_there_is_no_recipe()
    {
        var addresses = AddressBook.Of(new Uri("http://nas.lan:4444/x"), new Ports(null, null, null), Network, requireTls: false);

        Assert.That(addresses.Mount, Is.Null);
        Assert.That(addresses.Files.AbsoluteUri, Is.EqualTo("http://nas.lan:4444/x/fs/"));
        Assert.That(Recipes.For(addresses, "anna"), Is.Empty);
    }

    private sealed class Ports(int? plain, int? secure, IPAddress? address) : IServedPorts
    {
        public int? PortOf(string listener, bool isTls)
        {
            return (listener, isTls) switch
            {
                ("web", false) => 4444,
                ("webdav", false) => plain,
                ("webdav", true) => secure,
                _ => null,
            };
        }

        public IPAddress? AddressOf(string listener)
        {
            return address;
        }
    }
}
