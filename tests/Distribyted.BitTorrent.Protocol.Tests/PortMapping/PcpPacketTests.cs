using System.Net;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Protocol.Tests.PortMapping;

/// <summary>The packets of RFC 6887.</summary>
public sealed class PcpPacketTests
{
    private const string Nonce = "0102030405060708090a0b0c";

    private const string MapAnswer =
        "02810000"
        + "00000e10"
        + "000003e9"
        + "000000000000000000000000"
        + Nonce
        + "06000000"
        + "a455"
        + "a456"
        + "00000000000000000000ffffcb007107";

    [TestCase("192.168.1.9", "00000000000000000000ffffc0a80109", "00000000000000000000ffff00000000")]
    [TestCase("2001:db8::9", "20010db8000000000000000000000009", "00000000000000000000000000000000")]
    public void A_request_is_written_as_RFC_6887_has_it(string client, string address, string any)
    {
        var packet = new byte[PcpPacket.MapLength];

        PcpPacket.WriteMapRequest(packet, IPAddress.Parse(client), Convert.FromHexString(Nonce), MappedProtocol.Udp, 0xa455, 0xa456, 3600);

        Assert.That(
            Convert.ToHexStringLower(packet),
            Is.EqualTo("02010000" + "00000e10" + address + Nonce + "11000000" + "a455" + "a456" + any)
        );
    }

    [Test]
    public void An_answer_is_read()
    {
        Assert.That(
            PcpPacket.ReadAnswer(Convert.FromHexString(MapAnswer)),
            Is.EqualTo(new PcpAnswer(true, PcpResult.Success, 3600, 1001, Nonce, 6, 0xa455, 0xa456, IPAddress.Parse("203.0.113.7")))
        );
    }

    [Test]
    public void News_of_a_router_are_read()
    {
        var news = PcpPacket.ReadAnswer(Convert.FromHexString("028000000000000000000005000000000000000000000000"));

        Assert.That(news.IsMap, Is.False);
        Assert.That(news.Epoch, Is.EqualTo(5));
    }

    [TestCase("0281000b" + "0000001e" + "000003e9" + "000000000000000000000000", PcpResult.CannotProvideExternal)]
    [TestCase("02810002" + "0000001e" + "000003e9" + "000000000000000000000000", PcpResult.NotAuthorized)]
    [TestCase("028100c8" + "0000001e" + "000003e9" + "000000000000000000000000", (PcpResult)200)]
    public void A_refusal_may_be_short(string hex, PcpResult result)
    {
        var answer = PcpPacket.ReadAnswer(Convert.FromHexString(hex));

        Assert.That(answer.Result, Is.EqualTo(result));
        Assert.That(answer.Lifetime, Is.EqualTo(30));
        Assert.That(answer.Nonce, Is.Empty);
    }

    [TestCase("", ProtocolError.Truncated)]
    [TestCase("028100", ProtocolError.Truncated)]
    [TestCase("02810000000003e9", ProtocolError.Truncated)]
    [TestCase("02810000000003e9000003e9000000000000000000000000", ProtocolError.Truncated)]
    [TestCase("02010000000003e9000003e9000000000000000000000000", ProtocolError.Malformed)]
    [TestCase("00810001", ProtocolError.Unsupported, Description = "NAT-PMP")]
    [TestCase("01810001000003e9000003e9000000000000000000000000", ProtocolError.Unsupported)]
    [TestCase("02820000000003e9000003e9000000000000000000000000", ProtocolError.Unsupported)]
    public void Other_bytes_are_refused(string hex, ProtocolError error)
    {
        Assert.That(
            () => PcpPacket.ReadAnswer(Convert.FromHexString(hex)),
            Throws.TypeOf<ProtocolException>().With.Property(nameof(ProtocolException.Error)).EqualTo(error)
        );
    }

    [TestCase(1100, true)]
    [TestCase(1101, false)]
    public void An_answer_has_at_most_1100_bytes(int length, bool isRead)
    {
        var datagram = new byte[length];
        Convert.FromHexString(MapAnswer).CopyTo(datagram, 0);

        Assert.That(() => PcpPacket.ReadAnswer(datagram), isRead ? Throws.Nothing : Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(static bytes => PcpPacket.ReadAnswer(bytes), [Convert.FromHexString(MapAnswer)], []);
    }
}
