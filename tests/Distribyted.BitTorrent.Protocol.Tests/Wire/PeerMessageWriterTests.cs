using System.Buffers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class PeerMessageWriterTests
{
    [Test]
    public void Every_message_is_written_as_it_is_read()
    {
        Assert.Multiple(static () =>
        {
            Writes("KeepAlive", PeerMessageWriter.KeepAliveLength, static b => PeerMessageWriter.WriteKeepAlive(b));
            Writes("Choke", PeerMessageWriter.PlainLength, static b => PeerMessageWriter.WriteChoke(b));
            Writes("Unchoke", PeerMessageWriter.PlainLength, static b => PeerMessageWriter.WriteUnchoke(b));
            Writes("Interested", PeerMessageWriter.PlainLength, static b => PeerMessageWriter.WriteInterested(b));
            Writes("NotInterested", PeerMessageWriter.PlainLength, static b => PeerMessageWriter.WriteNotInterested(b));
            Writes("HaveAll", PeerMessageWriter.PlainLength, static b => PeerMessageWriter.WriteHaveAll(b));
            Writes("HaveNone", PeerMessageWriter.PlainLength, static b => PeerMessageWriter.WriteHaveNone(b));
            Writes("Have 7", PeerMessageWriter.HaveLength, static b => PeerMessageWriter.WriteHave(b, 7));
            Writes("Request 1 2 3", PeerMessageWriter.RequestLength, static b => PeerMessageWriter.WriteRequest(b, 1, 2, 3));
            Writes("Cancel 1 2 3", PeerMessageWriter.RequestLength, static b => PeerMessageWriter.WriteCancel(b, 1, 2, 3));
            Writes("Reject 1 2 3", PeerMessageWriter.RequestLength, static b => PeerMessageWriter.WriteReject(b, 1, 2, 3));
            Writes("Port 6881", PeerMessageWriter.PortLength, static b => PeerMessageWriter.WritePort(b, 6881));
            Writes(
                "Piece 1 2 5 +5",
                PeerMessageWriter.PieceHeaderLength + 5,
                static b => PeerMessageWriter.WritePieceHeader(b, 1, 2, 5) + 5
            );
            Writes("Bitfield +3", PeerMessageWriter.BitfieldHeaderLength + 3, static b => PeerMessageWriter.WriteBitfieldHeader(b, 3) + 3);
            Writes(
                "Extended 4 +6",
                PeerMessageWriter.ExtendedHeaderLength + 6,
                static b => PeerMessageWriter.WriteExtendedHeader(b, 4, 6) + 6
            );
        });
    }

    [Test]
    public void A_request_looks_as_in_the_specification()
    {
        var bytes = new byte[PeerMessageWriter.RequestLength];

        PeerMessageWriter.WriteRequest(bytes, 1, 0x4000, 0x4000);

        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("0000000d06000000010000400000004000"));
    }

    [Test]
    public void An_extended_message_is_written_whole()
    {
        var output = new ArrayBufferWriter<byte>();

        PeerMessageWriter.WriteExtended(output, 3, "de"u8);

        Assert.That(Convert.ToHexStringLower(output.WrittenSpan), Is.EqualTo("0000000414036465"));
    }

    private static void Writes(string expected, int length, Func<byte[], int> write)
    {
        var bytes = new byte[64];

        var written = write(bytes);

        Assert.That(written, Is.EqualTo(length));
        Assert.That(PeerMessageReader.TryRead(bytes.AsSpan(0, written), out var message, out var consumed));
        Assert.That(consumed, Is.EqualTo(written));
        Assert.That(PeerMessageReaderTests.Words(message), Is.EqualTo(expected));
    }
}
