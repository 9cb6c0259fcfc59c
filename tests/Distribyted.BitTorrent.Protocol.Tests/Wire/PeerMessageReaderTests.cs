using System.Buffers.Binary;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class PeerMessageReaderTests
{
    private const int Block = 16 * 1024;

    /// <summary>Every message once, as bytes and as words: a second telling of BEP 3, 5, 6 and 10.</summary>
    private static readonly TestCaseData[] Vectors =
    [
        Vector("00000000", "KeepAlive"),
        Vector("0000000100", "Choke"),
        Vector("0000000101", "Unchoke"),
        Vector("0000000102", "Interested"),
        Vector("0000000103", "NotInterested"),
        Vector("000000050400000007", "Have 7"),
        Vector("0000000305f080", "Bitfield +2"),
        Vector("0000000d0600000001000040000000 4000", "Request 1 16384 16384"),
        Vector("0000000c070000000200008000aabbcc", "Piece 2 32768 3 +3"),
        Vector("0000000d0800000001000040000000 4000", "Cancel 1 16384 16384"),
        Vector("00000003091ae1", "Port 6881"),
        Vector("000000050d00000003", "Suggest 3"),
        Vector("000000010e", "HaveAll"),
        Vector("000000010f", "HaveNone"),
        Vector("0000000d1000000001000040000000 4000", "Reject 1 16384 16384"),
        Vector("000000051100000004", "AllowedFast 4"),
        Vector("0000000414006465", "Extended 0 +2"),
        Vector("00000003150102", "Unknown +2"),
        Vector("00000001ff", "Unknown"),
    ];

    [TestCaseSource(nameof(Vectors))]
    public void Every_message_is_read(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.That(PeerMessageReader.TryRead(bytes, out var message, out var consumed));
        Assert.That(Words(message), Is.EqualTo(expected));
        Assert.That(consumed, Is.EqualTo(bytes.Length));
    }

    [TestCaseSource(nameof(Vectors))]
    public void Less_than_a_message_says_how_much_is_needed(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex);
        for (var have = 0; have < bytes.Length; have++)
        {
            Assert.That(PeerMessageReader.TryRead(bytes.AsSpan(0, have), out _, out var consumed, out var needed), Is.False, expected);
            Assert.That(consumed, Is.Zero);
            Assert.That(needed, Is.GreaterThan(have).And.LessThanOrEqualTo(bytes.Length));
        }
    }

    // id, bytes after the header (type included), whether so many are fine
    [TestCase(0, 1, true)]
    [TestCase(0, 2, false)]
    [TestCase(4, 4, false)]
    [TestCase(4, 5, true)]
    [TestCase(4, 6, false)]
    [TestCase(5, 1, true)]
    [TestCase(5, 250_001, true)]
    [TestCase(5, 250_002, false)]
    [TestCase(6, 12, false)]
    [TestCase(6, 13, true)]
    [TestCase(6, 14, false)]
    [TestCase(7, 8, false)]
    [TestCase(7, 9, true)]
    [TestCase(7, 9 + Block, true)]
    [TestCase(7, 10 + Block, false)]
    [TestCase(9, 3, true)]
    [TestCase(9, 5, false)]
    [TestCase(14, 1, true)]
    [TestCase(14, 2, false)]
    [TestCase(16, 13, true)]
    [TestCase(20, 1, false)]
    [TestCase(20, 2, true)]
    [TestCase(20, 128 * 1024, true)]
    [TestCase(20, (128 * 1024) + 1, false)]
    [TestCase(99, 64 * 1024, true)]
    [TestCase(99, (64 * 1024) + 1, false)]
    [TestCase(99, int.MaxValue, false)]
    public void Lengths_are_checked_by_the_type_from_five_bytes(int id, int length, bool isFine)
    {
        var header = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        header[4] = (byte)id;

        if (isFine)
        {
            var isRead = PeerMessageReader.TryRead(header, out _, out _, out var needed);
            Assert.That(isRead, Is.EqualTo(length == 1));
            Assert.That(needed, Is.EqualTo(4 + length).And.LessThanOrEqualTo(PeerMessageReader.MaxMessageLength));
        }
        else
        {
            Assert.That(() => PeerMessageReader.TryRead(header, out _, out _), Throws.TypeOf<ProtocolException>());
        }
    }

    [TestCase(250_002u)]
    [TestCase(0x7FFFFFFFu)]
    [TestCase(0x80000000u)]
    [TestCase(0xFFFFFFFFu)]
    [TestCase(0x13426974u)] // the start of an encrypted or second handshake
    public void A_length_beyond_every_type_is_refused_from_four_bytes(uint length)
    {
        var header = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);

        var refusal = Assert.Throws<ProtocolException>(() => PeerMessageReader.TryRead(header, out _, out _));

        Assert.That(refusal.Error, Is.EqualTo(ProtocolError.TooLarge));
    }

    [TestCase("000000050480000000")]
    [TestCase("0000000504ffffffff")]
    [TestCase("0000000d06ffffffff0000000000004000")]
    [TestCase("0000000d0600000000ffffffff00004000")]
    [TestCase("0000000d060000000000000000ffffffff")]
    [TestCase("0000000907ffffffff00000000")]
    [TestCase("000000090700000000ffffffff")]
    public void Numbers_that_would_turn_negative_are_refused(string hex)
    {
        var refusal = Assert.Throws<ProtocolException>(() => PeerMessageReader.TryRead(Convert.FromHexString(hex), out _, out _));

        Assert.That(refusal.Error, Is.EqualTo(ProtocolError.Invalid));
    }

    [Test]
    public void A_block_is_read_in_place_and_without_garbage()
    {
        var ring = new byte[64 * 1024];
        var header = PeerMessageWriter.WritePieceHeader(ring, 5, 3 * Block, Block);
        ring.AsSpan(header, Block).Fill(7);
        PeerMessageWriter.WriteHave(ring.AsSpan(header + Block), 9);
        ReadAll(ring, header + Block + 9);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var seen = ReadAll(ring, header + Block + 9);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(seen, Is.EqualTo((2, Block)));
        Assert.That(allocated, Is.Zero);
        Assert.That(PeerMessageReader.TryRead(ring, out var message, out _));
        Assert.That(message.Payload.Overlaps(ring.AsSpan(header, Block), out var offset) && offset == 0);
    }

    [Test]
    public void Any_stream_cut_anywhere_gives_the_same_messages()
    {
        var gen =
            from messages in GenMessage.List[1, 20]
            from cuts in Gen.Int[1, 40_000].Array[1, 30]
            select (Stream: messages.SelectMany(static m => m).ToArray(), Cuts: cuts);

        gen.Sample(static x => WordsOf(x.Stream, x.Cuts) == WordsOf(x.Stream, [x.Stream.Length]), iter: 300);
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        var seeds = Vectors.Select(static v => Convert.FromHexString((string)v.Arguments[0]!)).ToArray();

        Fuzz.EveryTextIsReadOrRefused(
            static bytes =>
            {
                var at = 0;
                while (PeerMessageReader.TryRead(bytes.AsSpan(at), out var message, out var consumed, out _))
                {
                    at += consumed;
                    Assert.That(consumed, Is.InRange(4, PeerMessageReader.MaxMessageLength));
                    Assert.That(Math.Min(Math.Min(message.Piece, message.Offset), message.Length), Is.Not.Negative);
                }
            },
            seeds,
            []
        );
    }

    internal static string Words(PeerMessage message)
    {
        var words = message.Kind switch
        {
            PeerMessageKind.Have or PeerMessageKind.Suggest or PeerMessageKind.AllowedFast => $"{message.Kind} {message.Piece}",
            PeerMessageKind.Request or PeerMessageKind.Cancel or PeerMessageKind.Reject or PeerMessageKind.Piece =>
                $"{message.Kind} {message.Piece} {message.Offset} {message.Length}",
            PeerMessageKind.Port => $"{message.Kind} {message.Port}",
            PeerMessageKind.Extended => $"{message.Kind} {message.ExtensionId}",
            _ => $"{message.Kind}",
        };
        return message.Payload.IsEmpty ? words : $"{words} +{message.Payload.Length}";
    }

    private static Gen<byte[]> GenMessage { get; } =
        Gen.OneOf(
            Gen.Int[0, 1_000_000].Select(static piece => Made(buffer => PeerMessageWriter.WriteHave(buffer, piece))),
            Gen.Int[0, 1_000_000].Select(static piece => Made(buffer => PeerMessageWriter.WriteRequest(buffer, piece, 16384, 16384))),
            Gen.Int[0, Block].Select(static length => Made(buffer => PeerMessageWriter.WritePieceHeader(buffer, 1, 0, length) + length)),
            Gen.Int[0, 20_000].Select(static length => Made(buffer => PeerMessageWriter.WriteBitfieldHeader(buffer, length) + length)),
            Gen.Int[1, 20_000].Select(static length => Made(buffer => PeerMessageWriter.WriteExtendedHeader(buffer, 2, length) + length)),
            Gen.Const(Made(static buffer => PeerMessageWriter.WriteKeepAlive(buffer)))
        );

    private static byte[] Made(Func<byte[], int> write)
    {
        var buffer = new byte[32 * 1024];
        return buffer[..write(buffer)];
    }

    private static (int Messages, int Payload) ReadAll(byte[] ring, int length)
    {
        var messages = 0;
        var payload = 0;
        var at = 0;
        while (at < length && PeerMessageReader.TryRead(ring.AsSpan(at, length - at), out var message, out var consumed))
        {
            at += consumed;
            messages++;
            payload += message.Payload.Length;
        }

        return (messages, payload);
    }

    /// <summary>Feeds a stream in bits, growing the window only as far as the reader asks for.</summary>
    private static string WordsOf(byte[] stream, int[] cuts)
    {
        var words = new List<string>();
        var start = 0;
        var end = 0;
        for (var i = 0; start < stream.Length; i++)
        {
            end = Math.Min(stream.Length, end + cuts[i % cuts.Length]);
            while (PeerMessageReader.TryRead(stream.AsSpan(start, end - start), out var message, out var consumed))
            {
                words.Add(Words(message));
                start += consumed;
            }
        }

        return string.Join('\n', words);
    }

    private static TestCaseData Vector(string hex, string words)
    {
        return new TestCaseData(hex.Replace(" ", "", StringComparison.Ordinal), words).SetArgDisplayNames(words);
    }
}
