using System.Text;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Protocol.Tests.PortMapping;

/// <summary>Descriptions of UPnP gateways.</summary>
public sealed class GatewayDescriptionTests
{
    private const string Ip1 = "urn:schemas-upnp-org:service:WANIPConnection:1";
    private const string Ip2 = "urn:schemas-upnp-org:service:WANIPConnection:2";
    private const string Ppp = "urn:schemas-upnp-org:service:WANPPPConnection:1";
    private const string Other = "urn:schemas-upnp-org:service:Layer3Forwarding:1";
    private static readonly Uri Location = new("http://192.168.1.1:5000/dir/desc.xml");

    [Test]
    public void Services_that_map_ports_are_found_the_best_first()
    {
        var text = Document(
            "",
            Service(Other, "/l3"),
            Service(Ppp, "/ppp"),
            Service(Ip1, "ctl/IPConn"),
            Service(Ip2, "http://192.168.1.1:80/ctl2")
        );

        var description = Read(text);

        Assert.That(description.Name, Is.EqualTo("Home router"));
        Assert.That(
            description.Services.Select(static service => $"{service.Type} {service.Control}"),
            Is.EqualTo([
                $"{Ip2} http://192.168.1.1/ctl2",
                $"{Ip1} http://192.168.1.1:5000/dir/ctl/IPConn",
                $"{Ppp} http://192.168.1.1:5000/ppp",
            ])
        );
    }

    [TestCase("<URLBase>http://192.168.1.1:49152/</URLBase>", "http://192.168.1.1:49152/ctl")]
    [TestCase("<URLBase>http://10.0.0.1:49152/</URLBase>", "http://192.168.1.1:5000/ctl", Description = "another machine")]
    [TestCase("<URLBase>nonsense</URLBase>", "http://192.168.1.1:5000/ctl")]
    [TestCase("<URLBase></URLBase>", "http://192.168.1.1:5000/ctl")]
    public void The_base_counts_when_it_is_on_the_same_device(string root, string control)
    {
        Assert.That(Read(Document(root, Service(Ip1, "/ctl"))).Services.Single().Control, Is.EqualTo(new Uri(control)));
    }

    [TestCase("http://10.0.0.1/ctl")]
    [TestCase("//10.0.0.1/ctl")]
    [TestCase("https://192.168.1.1/ctl")]
    [TestCase("file:///etc/passwd")]
    [TestCase("http://user:secret@192.168.1.1/ctl")]
    [TestCase("")]
    public void A_service_elsewhere_is_left_out(string control)
    {
        Assert.That(Read(Document("", Service(Ip1, control))).Services, Is.Empty);
    }

    [TestCase("")]
    [TestCase("no XML")]
    [TestCase("<root>")]
    [TestCase("<!DOCTYPE root [<!ENTITY a \"aaaa\">]><root>&a;</root>")]
    [TestCase("<!DOCTYPE root SYSTEM \"http://10.0.0.1/x.dtd\"><root/>")]
    [TestCase("<root>&undefined;</root>")]
    public void Other_texts_are_refused(string text)
    {
        Assert.That(() => Read(text), Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void A_NUL_at_the_end_and_another_encoding_do_no_harm()
    {
        var text = Document("", Service(Ip1, "/ctl")).Replace("<?xml version=\"1.0\"?>", "\n<?xml version=\"1.0\" encoding=\"gb2312\"?>");

        Assert.That(Read(text + "\0").Services, Has.Count.EqualTo(1));
    }

    [Test]
    public void What_is_too_large_too_deep_or_too_much_is_refused()
    {
        string[] texts =
        [
            "<root>" + new string(' ', GatewayDescription.MaxLength) + "</root>",
            string.Concat(Enumerable.Repeat("<a>", 100)) + string.Concat(Enumerable.Repeat("</a>", 100)),
            "<root>" + string.Concat(Enumerable.Repeat("<a/>", 5000)) + "</root>",
        ];

        foreach (var text in texts)
        {
            Assert.That(
                () => Read(text),
                Throws.TypeOf<ProtocolException>().With.Property(nameof(ProtocolException.Error)).EqualTo(ProtocolError.TooLarge)
            );
        }
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => GatewayDescription.Read(bytes, Location),
            [Fuzz.Ascii(Document("<URLBase>http://192.168.1.1/</URLBase>", Service(Ip1, "/ctl"), Service(Ppp, "http://[::1]/x")))],
            ["<service>", "</service>", "<controlURL>"]
        );
    }

    private static GatewayDescription Read(string text)
    {
        return GatewayDescription.Read(Encoding.UTF8.GetBytes(text), Location);
    }

    private static string Document(string root, params string[] services)
    {
        return "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">"
            + root
            + "<device><friendlyName>Home router</friendlyName><deviceList><device><friendlyName>WAN</friendlyName><serviceList>"
            + string.Concat(services)
            + "</serviceList></device></deviceList></device></root>";
    }

    private static string Service(string type, string control)
    {
        return $"<service><serviceType>{type}</serviceType><SCPDURL>/x.xml</SCPDURL><controlURL>{control}</controlURL></service>";
    }
}
