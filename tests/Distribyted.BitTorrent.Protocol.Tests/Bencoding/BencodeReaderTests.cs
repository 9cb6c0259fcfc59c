using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Tests.Bencoding;

public sealed class BencodeReaderTests
{
    [TestCase("i0e", 0)]
    [TestCase("i1e", 1)]
    [TestCase("i-1e", -1)]
    [TestCase("i10e", 10)]
    [TestCase("i9223372036854775806e", long.MaxValue - 1)]
    [TestCase("i9223372036854775807e", long.MaxValue)]
    [TestCase("i-9223372036854775807e", long.MinValue + 1)]
    [TestCase("i-9223372036854775808e", long.MinValue)]
    public void Integers_are_read(string text, long expected)
    {
        Assert.That(ReadInteger(text), Is.EqualTo(expected));
    }

    [TestCase("i9223372036854775808e")]
    [TestCase("i-9223372036854775809e")]
    [TestCase("i99999999999999999999999999999999e")]
    public void Integers_past_64_bits_are_refused_where_needed_and_skipped_elsewhere(string text)
    {
        var bytes = Fuzz.Ascii(text);

        Assert.That(Refusal(() => ReadInteger(text)), Is.EqualTo(ProtocolError.TooLarge));
        Assert.That(Skipped(bytes), Is.EqualTo(bytes.Length));
        Assert.That(TriesInteger(bytes), Is.EqualTo((false, 0L, bytes.Length)));
    }

    [TestCase("ie")]
    [TestCase("i-e")]
    [TestCase("i-0e")]
    [TestCase("i00e")]
    [TestCase("i01e")]
    [TestCase("i-01e")]
    [TestCase("i+1e")]
    [TestCase("i 1e")]
    [TestCase("i1 e")]
    [TestCase("i0x1e")]
    [TestCase("i1.5e")]
    [TestCase("i--1e")]
    public void Integers_written_loosely_are_refused(string text)
    {
        Assert.That(Refusal(() => ReadInteger(text)), Is.EqualTo(ProtocolError.Malformed));
        Assert.That(Refusal(() => Skipped(Fuzz.Ascii(text))), Is.EqualTo(ProtocolError.Malformed));
    }

    [TestCase("i01e", true, 1)]
    [TestCase("i-0e", true, 0)]
    [TestCase("i-012e", true, -12)]
    [TestCase("ie", false, 0)]
    [TestCase("i-e", false, 0)]
    [TestCase("i1.5e", false, 0)]
    [TestCase("i1 e", false, 0)]
    [TestCase("i9223372036854775808e", false, 0)]
    public void The_lenient_reader_takes_loose_integers_and_skips_what_is_none(string text, bool isInteger, long expected)
    {
        var reader = BencodeReader.Lenient(Fuzz.Ascii(text + "3:end"));

        Assert.That((reader.TryReadInteger(out var value), value), Is.EqualTo((isInteger, expected)));
        Assert.That(reader.ReadString().SequenceEqual("end"u8), Is.True);
    }

    [TestCase("01:a", "a")]
    [TestCase("5:abc", "abc")]
    public void The_lenient_reader_takes_strings_as_far_as_they_go(string text, string expected)
    {
        var reader = BencodeReader.Lenient(Fuzz.Ascii(text));

        Assert.That(reader.ReadString().SequenceEqual(Fuzz.Ascii(expected)), Is.True);
    }

    [TestCase("i1")]
    [TestCase("i0000000000000000000000000000000000000000000000000000xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxe")]
    [TestCase("d1:ai1e")]
    [TestCase("99999999999:a")]
    public void The_lenient_reader_refuses_what_has_no_end(string text)
    {
        Assert.That(() => BencodeReader.Lenient(Fuzz.Ascii(text)).Skip(), Throws.TypeOf<ProtocolException>());
    }

    [TestCase("0:", "")]
    [TestCase("1:a", "a")]
    [TestCase("10:0123456789", "0123456789")]
    [TestCase("1:ab", "a")]
    public void Strings_are_read_in_place(string text, string expected)
    {
        var bytes = Fuzz.Ascii(text);
        var reader = new BencodeReader(bytes);

        var value = reader.ReadString();

        Assert.That(Encoding.ASCII.GetString(value), Is.EqualTo(expected));
        Assert.That(bytes.AsSpan().Overlaps(value) || value.IsEmpty);
    }

    [TestCase("00:", ProtocolError.Malformed)]
    [TestCase("01:a", ProtocolError.Malformed)]
    [TestCase("-1:a", ProtocolError.Malformed)]
    [TestCase("1a", ProtocolError.Malformed)]
    [TestCase(":", ProtocolError.Malformed)]
    [TestCase("1", ProtocolError.Truncated)]
    [TestCase("1:", ProtocolError.Truncated)]
    [TestCase("2:a", ProtocolError.Truncated)]
    [TestCase("2147483647:a", ProtocolError.Truncated)]
    [TestCase("2147483648:a", ProtocolError.Truncated)]
    [TestCase("4294967296:a", ProtocolError.Truncated)]
    [TestCase("9999999999:a", ProtocolError.Truncated)]
    [TestCase("99999999999:a", ProtocolError.Malformed)]
    [TestCase("18446744073709551617:a", ProtocolError.Malformed)]
    public void Strings_that_lie_about_their_length_are_refused(string text, ProtocolError expected)
    {
        Assert.That(Refusal(() => Skipped(Fuzz.Ascii(text))), Is.EqualTo(expected));
    }

    [TestCase("", ProtocolError.Truncated)]
    [TestCase("l", ProtocolError.Truncated)]
    [TestCase("d", ProtocolError.Truncated)]
    [TestCase("d1:a", ProtocolError.Truncated)]
    [TestCase("d1:ai1e", ProtocolError.Truncated)]
    [TestCase("i1", ProtocolError.Truncated)]
    [TestCase("e", ProtocolError.Malformed)]
    [TestCase("x", ProtocolError.Malformed)]
    [TestCase("d1:ae", ProtocolError.Malformed)]
    [TestCase("di1ei2ee", ProtocolError.Malformed)]
    [TestCase("dl1:aei2ee", ProtocolError.Malformed)]
    [TestCase("l1:ai-0ee", ProtocolError.Malformed)]
    public void Broken_structure_is_refused(string text, ProtocolError expected)
    {
        Assert.That(Refusal(() => Skipped(Fuzz.Ascii(text))), Is.EqualTo(expected));
    }

    [TestCase("d1:ai1e1:ai2ee")]
    [TestCase("d1:ai1e1:bi1e1:bi2ee")]
    [TestCase("d1:bi1e1:ai1e1:bi2ee")]
    [TestCase("d1:bi1e1:ai1e1:ci1e1:ai2ee")]
    [TestCase("ld1:xd1:bi1e1:ai1e1:bi2eeee")]
    [TestCase("d0:i1e0:i2ee")]
    public void A_key_twice_is_refused_in_sorted_and_in_unsorted_dictionaries(string text)
    {
        Assert.That(Refusal(() => Skipped(Fuzz.Ascii(text))), Is.EqualTo(ProtocolError.Malformed));
    }

    [TestCase("d1:bi1e1:ai2ee")]
    [TestCase("d1:bd1:zi1e1:yi1ee1:ad1:zi1e1:yi1eee")]
    public void Unsorted_keys_are_tolerated(string text)
    {
        Assert.That(Skipped(Fuzz.Ascii(text)), Is.EqualTo(text.Length));
    }

    [TestCase(0, true)]
    [TestCase(1, true)]
    [TestCase(31, true)]
    [TestCase(32, true)]
    [TestCase(33, false)]
    [TestCase(1_000_000, false)]
    public void Nesting_has_an_end(int depth, bool isRead)
    {
        var lists = Fuzz.Ascii(new string('l', depth) + "i1e" + new string('e', depth));
        var dictionaries = Fuzz.Ascii(string.Concat(Enumerable.Repeat("d1:a", depth)) + "i1e" + new string('e', depth));

        foreach (var bytes in new[] { lists, dictionaries })
        {
            if (isRead)
            {
                Assert.That(Skipped(bytes), Is.EqualTo(bytes.Length));
            }
            else
            {
                Assert.That(Refusal(() => Skipped(bytes)), Is.EqualTo(ProtocolError.TooLarge));
            }
        }
    }

    [TestCase(BencodeReader.MaxTokens - 1, true)]
    [TestCase(BencodeReader.MaxTokens, false)]
    public void A_bomb_of_tiny_values_is_refused(int values, bool isRead)
    {
        var bytes = new byte[2 + (values * 2)];
        bytes[0] = (byte)'l';
        for (var i = 1; i < bytes.Length - 1; i += 2)
        {
            bytes[i] = (byte)'0';
            bytes[i + 1] = (byte)':';
        }

        bytes[^1] = (byte)'e';

        Assert.That(() => Skipped(bytes), isRead ? Is.EqualTo(bytes.Length) : Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void Reading_sorted_text_allocates_nothing()
    {
        var bytes = Fuzz.Bencode(static w => w.Dictionary().Key("a"u8).List().Integer(1).String("xyz").End().Key("b"u8).Integer(-5).End());
        Skipped(bytes);

        var allocated = Fuzz.AllocatedBy(() => Skipped(bytes));

        Assert.That(allocated, Is.LessThan(200)); // the lambda around it
    }

    [Test]
    public void Unsorted_keys_cost_memory_in_proportion_to_their_bytes_at_any_depth()
    {
        var text = "0:";
        for (var depth = 0; depth < BencodeReader.MaxDepth; depth++)
        {
            text = "d1:b" + text + "1:ai1e" + string.Concat(Enumerable.Range(0, 200).Select(static i => $"4:c{i:000}i1e")) + "e";
        }

        var bytes = Fuzz.Ascii(text);
        var allocated = Fuzz.AllocatedBy(() => Skipped(bytes));

        Assert.That(Skipped(bytes), Is.EqualTo(bytes.Length));
        Assert.That(allocated, Is.LessThan(20L * bytes.Length));
    }

    [Test]
    public void Values_of_another_kind_are_skipped_when_only_tried()
    {
        var reader = new BencodeReader("l1:ai1eli1eee"u8);
        reader.ReadListStart();

        Assert.That(reader.TryReadInteger(out _), Is.False);
        Assert.That(reader.TryReadString(out _), Is.False);
        Assert.That(reader.TryReadInteger(out _), Is.False);
        Assert.That(reader.TryReadEnd());
    }

    [Test]
    public void What_is_written_is_read()
    {
        Tree.Gen.Sample(
            static tree =>
            {
                var bytes = Fuzz.Bencode(tree.Write);
                var reader = new BencodeReader(bytes);
                var copy = Tree.Read(ref reader);
                reader.ExpectEndOfBytes();
                return Fuzz.Bencode(copy.Write).AsSpan().SequenceEqual(bytes) && Skipped(bytes) == bytes.Length;
            },
            iter: 3_000
        );
    }

    [Test]
    public void Skipping_accepts_exactly_what_reading_accepts()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => Assert.That(Outcome(() => Skipped(bytes)), Is.EqualTo(Outcome(() => ReadTree(bytes)))),
            ["d1:ai1e1:bl1:x2:yye1:cd1:z0:ee"u8.ToArray(), "li-5e3:abcd0:d0:leee"u8.ToArray()],
            ["a", "b", "c"]
        );
    }

    private static long ReadInteger(string text)
    {
        return new BencodeReader(Fuzz.Ascii(text)).ReadInteger();
    }

    private static int Skipped(byte[] bytes)
    {
        var reader = new BencodeReader(bytes);
        reader.Skip();
        return reader.Position;
    }

    private static int ReadTree(byte[] bytes)
    {
        var reader = new BencodeReader(bytes);
        Tree.Read(ref reader);
        return reader.Position;
    }

    private static (bool Fits, long Value, int Position) TriesInteger(byte[] bytes)
    {
        var reader = new BencodeReader(bytes);
        var fits = reader.TryReadInteger(out var value);
        return (fits, value, reader.Position);
    }

    private static ProtocolError Refusal(Action read)
    {
        return Assert.Throws<ProtocolException>(() => read()).Error;
    }

    private static (int Position, ProtocolError? Error) Outcome(Func<int> read)
    {
        try
        {
            return (read(), null);
        }
        catch (ProtocolException e)
        {
            return (-1, e.Error);
        }
    }
}
