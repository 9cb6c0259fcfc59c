using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Protocol.Tests.Encryption;

internal sealed class Rc4Tests
{
    [TestCase("Key", "Plaintext", "BBF316E8D940AF0AD3")]
    [TestCase("Wiki", "pedia", "1021BF0420")]
    [TestCase("Secret", "Attack at dawn", "45A01F645FC35B383552544B9BF5")]
    public void The_known_examples_come_out(string key, string text, string expected)
    {
        var bytes = Encoding.ASCII.GetBytes(text);

        new Rc4(Encoding.ASCII.GetBytes(key)).Apply(bytes);

        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(expected));
    }

    // RFC 6229, section 2.
    [TestCase("0102030405", 0, "B2396305F03DC027CCC3524A0A1118A8")]
    [TestCase("0102030405", 1024, "30ABBCC7C20B01609F23EE2D5F6BB7DF")]
    [TestCase("0102030405060708090A0B0C0D0E0F10", 0, "9AC7CC9A609D1EF7B2932899CDE41B97")]
    [TestCase("0102030405060708090A0B0C0D0E0F10", 1024, "BDF0324E6083DCC6D3CEDD3CA8C53C16")]
    public void The_stream_is_that_of_the_rfc(string key, int offset, string expected)
    {
        var cipher = new Rc4(Convert.FromHexString(key));
        var stream = new byte[16];

        cipher.Skip(offset);
        cipher.Apply(stream);

        Assert.That(Convert.ToHexString(stream), Is.EqualTo(expected));
    }

    [Test]
    public void It_does_not_matter_how_a_stream_is_cut()
    {
        Gen.Select(Gen.Byte.Array[1, 300], Gen.Int[0, 60].Array[0, 20])
            .Sample(
                (bytes, cuts) =>
                {
                    var whole = new byte[bytes.Length];
                    new Rc4("key"u8).Apply(bytes, whole);

                    var parts = new byte[bytes.Length];
                    var cipher = new Rc4("key"u8);
                    var at = 0;
                    foreach (var cut in cuts)
                    {
                        var length = Math.Min(cut, bytes.Length - at);
                        cipher.Apply(bytes.AsSpan(at, length), parts.AsSpan(at));
                        at += length;
                    }

                    cipher.Apply(bytes.AsSpan(at), parts.AsSpan(at));
                    return parts.AsSpan().SequenceEqual(whole);
                }
            );
    }

    [Test]
    public void In_place_and_into_another_buffer_are_the_same()
    {
        var bytes = Enumerable.Range(0, 100).Select(static i => (byte)i).ToArray();
        var other = new byte[100];
        new Rc4("key"u8).Apply(bytes, other);
        Assert.That(bytes[99], Is.EqualTo(99));

        new Rc4("key"u8).Apply(bytes);

        Assert.That(bytes, Is.EqualTo(other));
    }

    [Test]
    public void Keys_without_length_and_short_destinations_are_our_own_mistakes()
    {
        Assert.That(static () => new Rc4([]), Throws.ArgumentException);
        Assert.That(static () => new Rc4(new byte[257]), Throws.ArgumentException);
        Assert.That(static () => new Rc4(new byte[256]).Apply(new byte[2], new byte[1]), Throws.ArgumentException);
    }
}
