using System.Buffers;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class MetadataMessageTests
{
    [Test]
    public void The_examples_of_BEP_9_are_read()
    {
        var request = MetadataMessage.Read("d8:msg_typei0e5:piecei0ee"u8);
        var data = MetadataMessage.Read("d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxxxxx"u8);
        var reject = MetadataMessage.Read("d8:msg_typei2e5:piecei0ee"u8);

        Assert.That(request.Kind, Is.EqualTo(MetadataMessageKind.Request));
        Assert.That((data.Kind, data.Piece, data.TotalSize, data.Data.Length), Is.EqualTo((MetadataMessageKind.Data, 0, 34256, 8)));
        Assert.That(reject.Kind, Is.EqualTo(MetadataMessageKind.Reject));
    }

    [Test]
    public void Our_messages_look_as_in_BEP_9()
    {
        var output = new ArrayBufferWriter<byte>();

        MetadataMessage.WriteRequest(output, 0);
        MetadataMessage.WriteReject(output, 3);
        MetadataMessage.WriteData(output, 0, "abc"u8);

        Assert.That(
            output.WrittenSpan.SequenceEqual(
                "d8:msg_typei0e5:piecei0eed8:msg_typei2e5:piecei3eed8:msg_typei1e5:piecei0e10:total_sizei3eeabc"u8
            )
        );
    }

    [TestCase("d8:msg_typei3e5:piecei0ee")]
    [TestCase("d8:msg_typei-1e5:piecei-7ee")]
    [TestCase("d5:piecei0ee")]
    public void Unknown_kinds_are_to_be_ignored(string text)
    {
        Assert.That(MetadataMessage.Read(Fuzz.Ascii(text)).Kind, Is.EqualTo(MetadataMessageKind.Unknown));
    }

    [TestCase("d8:msg_typei0ee")]
    [TestCase("d8:msg_typei0e5:piecei-1ee")]
    [TestCase("d8:msg_typei0e5:piecei2048ee")]
    [TestCase("d8:msg_typei0e5:piece1:0e")]
    [TestCase("d8:msg_typei1e5:piecei0e10:total_sizei33554433eex")]
    [TestCase("d8:msg_typei1e5:piecei0e10:total_sizei-1eex")]
    [TestCase("d8:msg_typei1e5:piecei0e10:total_sizei5ee")]
    public void Impossible_ones_are_refused(string text)
    {
        Assert.That(() => MetadataMessage.Read(Fuzz.Ascii(text)), Throws.TypeOf<ProtocolException>());
    }

    [TestCase(MetadataMessage.PieceLength, true)]
    [TestCase(MetadataMessage.PieceLength + 1, false)]
    public void A_piece_of_metadata_has_at_most_16_KiB(int length, bool isFine)
    {
        byte[] text = [.. "d8:msg_typei1e5:piecei0e10:total_sizei99999ee"u8, .. new byte[length]];

        Assert.That(() => MetadataMessage.Read(text), isFine ? Throws.Nothing : Throws.TypeOf<ProtocolException>());
    }

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(16383, 1)]
    [TestCase(16384, 1)]
    [TestCase(16385, 2)]
    [TestCase(32 * 1024 * 1024, 2048)]
    public void Pieces_are_counted(int size, int pieces)
    {
        Assert.That(MetadataMessage.PieceCount(size), Is.EqualTo(pieces));
    }

    [Test]
    public void Metadata_cut_into_messages_comes_out_whole()
    {
        Gen.Byte.Array[1, 60_000]
            .Sample(
                static metadata =>
                {
                    var whole = new List<byte>();
                    for (var piece = 0; piece < MetadataMessage.PieceCount(metadata.Length); piece++)
                    {
                        var output = new ArrayBufferWriter<byte>();
                        MetadataMessage.WriteData(output, piece, metadata);
                        var read = MetadataMessage.Read(output.WrittenSpan);
                        if (read.Piece != piece || read.TotalSize != metadata.Length)
                        {
                            return false;
                        }

                        whole.AddRange(read.Data);
                    }

                    return whole.SequenceEqual(metadata);
                },
                iter: 50
            );
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => MetadataMessage.Read(bytes),
            ["d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxxxxx"u8.ToArray(), "d8:msg_typei0e5:piecei9ee"u8.ToArray()],
            ["msg_type", "piece", "total_size"]
        );
    }
}
