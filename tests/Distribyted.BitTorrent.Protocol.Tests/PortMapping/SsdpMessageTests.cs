using System.Text;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Protocol.Tests.PortMapping;

/// <summary>Searches for devices and their answers.</summary>
public sealed class SsdpMessageTests
{
    private const string Answer =
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nEXT:\r\nLOCATION: http://192.168.1.1:5000/rootDesc.xml\r\n\r\n";

    [Test]
    public void A_search_is_written_as_UPnP_has_it()
    {
        Assert.That(
            Encoding.ASCII.GetString(SsdpMessage.WriteSearch("urn:schemas-upnp-org:device:InternetGatewayDevice:1", 2)),
            Is.EqualTo(
                "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n"
            )
        );
    }

    [TestCase(Answer)]
    [TestCase("HTTP/1.0 200 OK\nlocation:http://192.168.1.1:5000/rootDesc.xml\nst: urn:schemas-upnp-org:device:InternetGatewayDevice:1\n")]
    public void An_answer_is_read(string text)
    {
        Assert.That(
            SsdpMessage.ReadAnswer(Encoding.ASCII.GetBytes(text)),
            Is.EqualTo(
                new SsdpAnswer(new Uri("http://192.168.1.1:5000/rootDesc.xml"), "urn:schemas-upnp-org:device:InternetGatewayDevice:1")
            )
        );
    }

    [TestCase("", ProtocolError.Malformed)]
    [TestCase("NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/\r\n\r\n", ProtocolError.Malformed)]
    [TestCase("HTTP/1.1 404 Not Found\r\nLOCATION: http://192.168.1.1/\r\n\r\n", ProtocolError.Malformed)]
    [TestCase("HTTP/1.1 200 OK\r\nST: x\r\n\r\n", ProtocolError.Missing)]
    [TestCase("HTTP/1.1 200 OK\r\nLOCATION: /desc.xml\r\n\r\n", ProtocolError.Invalid)]
    [TestCase("HTTP/1.1 200 OK\r\nLOCATION: file:///etc/passwd\r\n\r\n", ProtocolError.Invalid)]
    [TestCase("HTTP/1.1 200 OK\r\nLOCATION: https://192.168.1.1/\r\n\r\n", ProtocolError.Invalid)]
    public void Other_texts_are_refused(string text, ProtocolError error)
    {
        Assert.That(
            () => SsdpMessage.ReadAnswer(Encoding.ASCII.GetBytes(text)),
            Throws.TypeOf<ProtocolException>().With.Property(nameof(ProtocolException.Error)).EqualTo(error)
        );
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => SsdpMessage.ReadAnswer(bytes),
            [Fuzz.Ascii(Answer)],
            ["HTTP/1.1 200 OK\r\n", "LOCATION: http://"]
        );
    }
}
