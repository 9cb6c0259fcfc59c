using System.Net;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

/// <summary>The message of BEP 55.</summary>
internal sealed class HolepunchMessageTests
{
    [TestCase("0000" + "c6336407" + "1ae1" + "00000000", HolepunchKind.Rendezvous, "198.51.100.7:6881", HolepunchError.None)]
    [TestCase("0100" + "c6336407" + "1ae1" + "00000000", HolepunchKind.Connect, "198.51.100.7:6881", HolepunchError.None)]
    [TestCase(
        "0201" + "20010db8000000000000000000000001" + "1ae1" + "00000003",
        HolepunchKind.Error,
        "[2001:db8::1]:6881",
        HolepunchError.NoSupport
    )]
    public void A_message_is_read_and_written_as_the_bep_says(string hex, HolepunchKind kind, string endPoint, HolepunchError error)
    {
        var message = new HolepunchMessage(kind, new PeerEndPoint(IPEndPoint.Parse(endPoint)), error);
        var bytes = new byte[HolepunchMessage.MaxLength];

        var length = message.WriteMessage(bytes, 7);

        Assert.That(Convert.ToHexStringLower(bytes.AsSpan(6, length - 6)), Is.EqualTo(hex));
        Assert.That(bytes[4..6], Is.EqualTo(new byte[] { 20, 7 }));
        Assert.That(HolepunchMessage.Read(Convert.FromHexString(hex)), Is.EqualTo(message));
    }

    [Test]
    public void The_error_may_be_missing()
    {
        Assert.That(HolepunchMessage.Read(Convert.FromHexString("0100c63364071ae1")).Error, Is.EqualTo(HolepunchError.None));
    }

    [TestCase("")]
    [TestCase("00")]
    [TestCase("0000")]
    [TestCase("0000c63364071a")]
    [TestCase("0300c63364071ae100000000")]
    [TestCase("0002c63364071ae100000000")]
    [TestCase("0001c63364071ae100000000")]
    public void Anything_else_is_refused(string hex)
    {
        Assert.Throws<ProtocolException>(() => HolepunchMessage.Read(Convert.FromHexString(hex)));
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => HolepunchMessage.Read(bytes),
            [Convert.FromHexString("0000c63364071ae100000000"), Convert.FromHexString("020120010db80000000000000000000000011ae100000003")],
            []
        );
    }
}
