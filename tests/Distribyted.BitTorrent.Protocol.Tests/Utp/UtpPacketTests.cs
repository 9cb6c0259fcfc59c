using CsCheck;
using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Protocol.Tests.Utp;

/// <summary>The µTP packets of BEP 29.</summary>
internal sealed class UtpPacketTests
{
    private static readonly UtpHeader Some = new(UtpPacketType.State, 0x1234, 0x01020304, 0xA0B0C0D0, 1 << 20, 0xFFFE, 0x0001);

    [Test]
    public void A_header_is_written_as_the_bep_says()
    {
        var bytes = new byte[20];

        var length = UtpPacket.Write(bytes, Some);

        Assert.That(length, Is.EqualTo(20));
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("2100" + "1234" + "01020304" + "a0b0c0d0" + "00100000" + "fffe" + "0001"));
    }

    [Test]
    public void What_is_written_is_read()
    {
        Gen.Select(Gen.Int[0, 4], Gen.UShort, Gen.UInt, Gen.UInt, Gen.UInt, Gen.UShort, Gen.UShort)
            .Select(Gen.Byte.Array[0, 100])
            .Sample(
                (h, payload) =>
                {
                    var header = new UtpHeader((UtpPacketType)h.Item1, h.Item2, h.Item3, h.Item4, h.Item5, h.Item6, h.Item7);
                    var bytes = new byte[200];
                    var length = UtpPacket.Write(bytes, header);
                    payload.CopyTo(bytes, length);

                    return UtpPacket.TryRead(bytes.AsSpan(0, length + payload.Length), out var packet)
                        && packet.Header == header
                        && packet.SelectiveAck.IsEmpty
                        && packet.Payload.SequenceEqual(payload);
                }
            );
    }

    [TestCase(4)]
    [TestCase(128)]
    [TestCase(252)]
    public void A_selective_acknowledgement_is_read_as_it_was_written(int length)
    {
        var mask = new byte[length];
        UtpSelectiveAck.Add(mask, 0);
        UtpSelectiveAck.Add(mask, 9);
        UtpSelectiveAck.Add(mask, (8 * length) - 1);
        var bytes = new byte[300];

        var written = UtpPacket.Write(bytes, Some, mask);

        Assert.That(UtpPacket.TryRead(bytes.AsSpan(0, written), out var packet), Is.True);
        Assert.That(packet.Header, Is.EqualTo(Some));
        Assert.That(packet.SelectiveAck.ToArray(), Is.EqualTo(mask));
        Assert.That(packet.Payload.Length, Is.Zero);
        Assert.That(packet.SelectiveAck[..2].ToArray(), Is.EqualTo(new byte[] { 1, 2 }), "the first packet is the lowest bit");
        Assert.That(UtpSelectiveAck.Count(packet.SelectiveAck), Is.EqualTo(8 * length));
        Assert.That(Enumerable.Range(0, 8 * length).Where(i => UtpSelectiveAck.Has(mask, i)), Is.EqualTo(new[] { 0, 9, (8 * length) - 1 }));
    }

    [TestCase("", "")]
    [TestCase("f0", "text")]
    [TestCase("f0ffffffffffffffffffffffffffffffffffffffffffffffff", "text")] // of libtorrent 2.0.8: 25 bytes
    public void A_mask_of_any_length_is_read(string mask, string payload)
    {
        var text = Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(payload));
        var bytes = Convert.FromHexString($"2101123401020304a0b0c0d000100000fffe000100{mask.Length / 2:x2}{mask}{text}");

        Assert.That(UtpPacket.TryRead(bytes, out var packet), Is.True);
        Assert.That(Convert.ToHexStringLower(packet.SelectiveAck), Is.EqualTo(mask));
        Assert.That(Convert.ToHexStringLower(packet.Payload), Is.EqualTo(text));
    }

    [TestCase(2)]
    [TestCase(240)]
    [TestCase(257)]
    [TestCase(258)]
    [TestCase(259)]
    [TestCase(514)]
    [TestCase(515)]
    [TestCase(1000)]
    public void Padding_is_skipped(int padding)
    {
        var bytes = new byte[2000];
        bytes.AsSpan().Fill(0xEE);

        var length = UtpPacket.WritePadded(bytes, Some, padding);
        "text"u8.CopyTo(bytes.AsSpan(length));

        Assert.That(length, Is.EqualTo(UtpHeader.Length + padding));
        Assert.That(UtpPacket.TryRead(bytes.AsSpan(0, length + 4), out var packet), Is.True);
        Assert.That(packet.Payload.ToArray(), Is.EqualTo("text"u8.ToArray()));
    }

    [TestCase("", TestName = "nothing")]
    [TestCase("64313a61", TestName = "a message of the DHT")]
    [TestCase("2200123401020304a0b0c0d000100000fffe0001", TestName = "another version")]
    [TestCase("5100123401020304a0b0c0d000100000fffe0001", TestName = "another type")]
    [TestCase("2100123401020304a0b0c0d000100000fffe00", TestName = "one byte less")]
    [TestCase("2101123401020304a0b0c0d000100000fffe0001", TestName = "an extension that is missing")]
    [TestCase("2101123401020304a0b0c0d000100000fffe000100", TestName = "half an extension")]
    [TestCase("2101123401020304a0b0c0d000100000fffe00010004000000", TestName = "an extension that is cut off")]
    public void What_is_no_packet_is_refused(string hex)
    {
        Assert.That(UtpPacket.TryRead(Convert.FromHexString(hex), out _), Is.False);
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Gen.Byte.Array[0, 600]
            .Sample(
                static bytes =>
                {
                    UtpPacket.TryRead(bytes, out _);
                    if (bytes.Length < 2)
                    {
                        return true;
                    }

                    (bytes[0], bytes[1]) = ((byte)((bytes[0] % 5 << 4) | 1), (byte)(bytes[1] % 3)); // past the first check, and few extensions
                    return !UtpPacket.TryRead(bytes, out var packet)
                        || packet.Payload.Length + packet.SelectiveAck.Length <= bytes.Length - UtpHeader.Length;
                },
                iter: Fuzz.Iterations(4_000)
            );
    }

    [TestCase((ushort)0, (ushort)1, 1)]
    [TestCase((ushort)65535, (ushort)0, 1)]
    [TestCase((ushort)0, (ushort)65535, -1)]
    [TestCase((ushort)65000, (ushort)1000, 1536)]
    [TestCase((ushort)5, (ushort)5, 0)]
    public void Numbers_wrap(ushort from, ushort to, int distance)
    {
        Assert.That(UtpSequence.Distance(from, to), Is.EqualTo(distance));
        Assert.That(UtpSequence.Add(from, distance), Is.EqualTo(to));
    }
}
