using System.Net;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Protocol.Tests.PortMapping;

/// <summary>The packets of RFC 6886.</summary>
public sealed class NatPmpPacketTests
{
    [Test]
    public void Requests_are_written_as_RFC_6886_has_them()
    {
        var address = new byte[NatPmpPacket.AddressRequestLength];
        NatPmpPacket.WriteAddressRequest(address);
        var map = new byte[NatPmpPacket.MapRequestLength];
        NatPmpPacket.WriteMapRequest(map, MappedProtocol.Tcp, 0x1234, 0x5678, 3600);
        var udp = new byte[NatPmpPacket.MapRequestLength];
        NatPmpPacket.WriteMapRequest(udp, MappedProtocol.Udp, 1, 0, 0);

        Assert.That(Convert.ToHexStringLower(address), Is.EqualTo("0000"));
        Assert.That(Convert.ToHexStringLower(map), Is.EqualTo("000200001234567800000e10"));
        Assert.That(Convert.ToHexStringLower(udp), Is.EqualTo("000100000001000000000000"));
    }

    [Test]
    public void Answers_are_read()
    {
        Assert.That(
            NatPmpPacket.ReadAnswer(Convert.FromHexString("008000000000000acb007107")),
            Is.EqualTo(new NatPmpAnswer(null, NatPmpResult.Success, 10, IPAddress.Parse("203.0.113.7"), 0, 0, 0))
        );
        Assert.That(
            NatPmpPacket.ReadAnswer(Convert.FromHexString("008200000000000b1234567800000e10")),
            Is.EqualTo(new NatPmpAnswer(MappedProtocol.Tcp, NatPmpResult.Success, 11, null, 0x1234, 0x5678, 3600))
        );
        Assert.That(NatPmpPacket.ReadAnswer(Convert.FromHexString("008000000000000a00000000")).Address, Is.Null);
    }

    // A refusal may be short.
    [TestCase("00810001", NatPmpResult.UnsupportedVersion)]
    [TestCase("0081000100000005", NatPmpResult.UnsupportedVersion)]
    [TestCase("008200020000000512345678", NatPmpResult.Refused)]
    [TestCase("0080000300000005", NatPmpResult.NetworkFailure)]
    [TestCase("00ff000500000005", NatPmpResult.UnsupportedOperation)]
    [TestCase("0082012c00000005", (NatPmpResult)300)]
    public void Refusals_are_answers(string hex, NatPmpResult result)
    {
        Assert.That(NatPmpPacket.ReadAnswer(Convert.FromHexString(hex)).Result, Is.EqualTo(result));
    }

    [TestCase("", ProtocolError.Truncated)]
    [TestCase("008200", ProtocolError.Truncated)]
    [TestCase("008200000000000b12345678", ProtocolError.Truncated)]
    [TestCase("008000000000000acb0071", ProtocolError.Truncated)]
    [TestCase("000200000000000b1234567800000e10", ProtocolError.Malformed)]
    [TestCase("028200000000000b1234567800000e10", ProtocolError.Unsupported)]
    [TestCase("008300000000000b1234567800000e10", ProtocolError.Unsupported)]
    public void Other_bytes_are_refused(string hex, ProtocolError error)
    {
        Assert.That(
            () => NatPmpPacket.ReadAnswer(Convert.FromHexString(hex)),
            Throws.TypeOf<ProtocolException>().With.Property(nameof(ProtocolException.Error)).EqualTo(error)
        );
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => NatPmpPacket.ReadAnswer(bytes),
            [Convert.FromHexString("008000000000000acb007107"), Convert.FromHexString("008200000000000b1234567800000e10")],
            []
        );
    }
}
