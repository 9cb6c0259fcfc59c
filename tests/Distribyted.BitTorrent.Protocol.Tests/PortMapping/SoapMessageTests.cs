using System.Text;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Protocol.Tests.PortMapping;

/// <summary>Calls of UPnP services and their answers.</summary>
public sealed class SoapMessageTests
{
    private const string Fault =
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring>"
        + "<detail><UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>718</errorCode><errorDescription>Conflict</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>";

    private const string Done =
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><u:GetExternalIPAddressResponse xmlns:u=\"urn:x\">"
        + "<NewExternalIPAddress>203.0.113.7</NewExternalIPAddress></u:GetExternalIPAddressResponse></s:Body></s:Envelope>";

    [Test]
    public void A_call_is_written_with_its_arguments_in_order_and_escaped()
    {
        var call = Encoding.UTF8.GetString(SoapMessage.WriteCall("urn:s:1", "Do", ("A", "1"), ("B", "<&>"), ("C", "")));

        Assert.That(call, Does.Contain("<u:Do xmlns:u=\"urn:s:1\"><A>1</A><B>&lt;&amp;&gt;</B><C></C></u:Do>"));
        Assert.That(() => System.Xml.Linq.XDocument.Parse(call), Throws.Nothing);
    }

    [Test]
    public void Results_are_read()
    {
        var answer = SoapMessage.ReadAnswer(Encoding.UTF8.GetBytes(Done));

        Assert.That(answer.Error, Is.Zero);
        Assert.That(answer.Values["NewExternalIPAddress"], Is.EqualTo("203.0.113.7"));
    }

    [Test]
    public void An_error_is_read()
    {
        var answer = SoapMessage.ReadAnswer(Encoding.UTF8.GetBytes(Fault));

        Assert.That(answer.Error, Is.EqualTo(718));
        Assert.That(answer.ErrorText, Is.EqualTo("Conflict"));
    }

    [TestCase("718")]
    [TestCase("0")]
    [TestCase("many")]
    [TestCase("-5")]
    [TestCase("")]
    public void A_fault_is_an_error_whatever_its_number(string code)
    {
        var answer = SoapMessage.ReadAnswer(Encoding.UTF8.GetBytes(Fault.Replace("718", code, StringComparison.Ordinal)));

        Assert.That(answer.Error, Is.EqualTo(code == "718" ? 718 : SoapMessage.ActionFailed));
    }

    [TestCase("")]
    [TestCase("<html><body>Not found</body></html>")]
    [TestCase("<!DOCTYPE x [<!ENTITY a \"b\">]><Envelope>&a;</Envelope>")]
    public void Other_texts_are_refused(string text)
    {
        Assert.That(() => SoapMessage.ReadAnswer(Encoding.UTF8.GetBytes(text)), Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => SoapMessage.ReadAnswer(bytes),
            [Fuzz.Ascii(Fault), Fuzz.Ascii(Done)],
            ["<Fault>", "<errorCode>", "</s:Body>"]
        );
    }
}
