using CsCheck;

namespace Distribyted.BitTorrent.Protocol.Tests;

public sealed class InfoHashTests
{
    [Test]
    public void It_is_SHA_1_of_the_bytes()
    {
        Assert.That(InfoHash.Compute("abc"u8).ToString(), Is.EqualTo("a9993e364706816aba3e25717850c26c9cd0d89d"));
    }

    [TestCase("a9993e364706816aba3e25717850c26c9cd0d89d", true)]
    [TestCase("A9993E364706816ABA3E25717850C26C9CD0D89D", true)]
    [TestCase("VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", true)]
    [TestCase("vgmt4nsha2awvor6evyxqugcnsonbwe5", true)]
    [TestCase("VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE1", false)]
    [TestCase("VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE", false)]
    [TestCase("a9993e364706816aba3e25717850c26c9cd0d89", false)]
    [TestCase("g9993e364706816aba3e25717850c26c9cd0d89d", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void Hexadecimal_and_base32_are_read(string? text, bool isFine)
    {
        Assert.That(InfoHash.TryParse(text, out var hash), Is.EqualTo(isFine));
        Assert.That(hash, Is.EqualTo(isFine ? InfoHash.Compute("abc"u8) : default));
    }

    [Test]
    public void Bytes_and_text_say_the_same_and_order_is_that_of_the_bytes()
    {
        Gen.Select(Gen.Byte.Array[20], Gen.Byte.Array[20])
            .Sample(
                static (a, b) =>
                {
                    var left = new InfoHash(a);
                    var right = new InfoHash(b);
                    return left.ToArray().AsSpan().SequenceEqual(a)
                        && InfoHash.TryParse(left.ToString(), out var read)
                        && read == left
                        && read.GetHashCode() == left.GetHashCode()
                        && Math.Sign(left.CompareTo(right)) == Math.Sign(a.AsSpan().SequenceCompareTo(b))
                        && (left == right) == a.AsSpan().SequenceEqual(b);
                },
                iter: 1_000
            );
    }

    [TestCase(0)]
    [TestCase(19)]
    [TestCase(21)]
    public void Anything_but_twenty_bytes_is_a_mistake(int length)
    {
        Assert.That(() => new InfoHash(new byte[length]), Throws.ArgumentException);
    }
}
