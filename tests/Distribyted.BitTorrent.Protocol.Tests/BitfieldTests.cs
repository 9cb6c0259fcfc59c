using CsCheck;

namespace Distribyted.BitTorrent.Protocol.Tests;

public sealed class BitfieldTests
{
    private static readonly int[] Lengths = [0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 1000];

    [Test]
    public void The_first_piece_is_the_highest_bit_of_the_first_byte()
    {
        var bits = new Bitfield(10);
        bits[0] = true;
        bits[9] = true;

        var bytes = new byte[2];
        bits.CopyTo(bytes);

        Assert.That(bytes, Is.EqualTo(new byte[] { 0x80, 0x40 }));
        Assert.That(Bitfield.FromBytes(bytes, 10)[9]);
    }

    [Test]
    public void A_bitfield_is_as_a_row_of_flags()
    {
        GenFlags()
            .Sample(
                static flags =>
                {
                    var bits = Of(flags);
                    var bytes = new byte[bits.ByteLength];
                    bits.CopyTo(bytes);
                    var copy = Bitfield.FromBytes(bytes, flags.Length);
                    Assert.That(Flags(bits), Is.EqualTo(flags));
                    Assert.That(Flags(copy), Is.EqualTo(flags));
                    Assert.That((bits.Count, copy.Count), Is.EqualTo((flags.Count(static f => f), flags.Count(static f => f))));
                },
                iter: 300
            );
    }

    [TestCaseSource(nameof(Lengths))]
    public void All_is_all_and_nothing_more(int length)
    {
        var bits = new Bitfield(length);

        bits.SetAll();

        var bytes = new byte[bits.ByteLength];
        bits.CopyTo(bytes);
        Assert.That(bits.Count, Is.EqualTo(length));
        Assert.That(Bitfield.FromBytes(bytes, length).Count, Is.EqualTo(length));
    }

    [TestCase(9, "ff80", 9)]
    [TestCase(9, "ff00", 8)]
    [TestCase(9, "ffc0", 9)]
    [TestCase(9, "ff01", 8)]
    [TestCase(9, "ff", -1)]
    [TestCase(9, "ff8000", -1)]
    [TestCase(8, "ff", 8)]
    [TestCase(0, "", 0)]
    [TestCase(0, "00", -1)]
    [TestCase(1, "", -1)]
    [TestCase(64, "ffffffffffffffff", 64)]
    [TestCase(65, "ffffffffffffffff80", 65)]
    [TestCase(65, "ffffffffffffffffC0", 65)]
    public void Lengths_are_checked_and_spare_bits_mean_nothing(int length, string hex, int count)
    {
        if (count < 0)
        {
            Assert.That(() => Bitfield.FromBytes(Convert.FromHexString(hex), length), Throws.TypeOf<ProtocolException>());
            return;
        }

        var bits = Bitfield.FromBytes(Convert.FromHexString(hex), length);

        Assert.That(bits.Count, Is.EqualTo(count));
    }

    [Test]
    public void A_piece_that_does_not_exist_cannot_be_touched()
    {
        var bits = new Bitfield(65);

        foreach (var piece in new[] { -1, 65, 127, int.MaxValue, int.MinValue })
        {
            Assert.That(() => bits[piece], Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => bits[piece] = true, Throws.TypeOf<ArgumentOutOfRangeException>());
        }

        Assert.That(static () => new Bitfield(PieceLayout.MaxPieceCount + 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static Gen<bool[]> GenFlags()
    {
        return Fuzz.AnyOf(Lengths).SelectMany(static length => Gen.Bool.Array[length]);
    }

    private static Bitfield Of(bool[] flags)
    {
        var bits = new Bitfield(flags.Length);
        for (var i = 0; i < flags.Length; i++)
        {
            bits[i] = true;
            bits[i] = flags[i];
        }

        return bits;
    }

    private static bool[] Flags(Bitfield bits)
    {
        return [.. Enumerable.Range(0, bits.Length).Select(i => bits[i])];
    }
}
