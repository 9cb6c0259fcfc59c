using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class HandshakeTests
{
    private static readonly InfoHash Hash = InfoHash.Compute("x"u8);
    private static readonly PeerId Id = new("-DB0100-abcdefghijkl"u8);

    [Test]
    public void Ours_offers_fast_and_extensions()
    {
        var bytes = new byte[Handshake.Length];

        var written = new Handshake(Hash, Id).Write(bytes);

        Assert.That(written, Is.EqualTo(68));
        Assert.That(Encoding.ASCII.GetString(bytes, 1, 19), Is.EqualTo("BitTorrent protocol"));
        Assert.That(bytes[0], Is.EqualTo(19));
        Assert.That(Convert.ToHexString(bytes, 20, 8), Is.EqualTo("0000000000100004"));
        Assert.That(Handshake.TryRead(bytes, out var read));
        Assert.That(read, Is.EqualTo(new Handshake(Hash, Id)));
        Assert.That((read.SupportsFast, read.SupportsExtensions, read.SupportsDht), Is.EqualTo((true, true, false)));
    }

    [TestCase("0000000000000000", false, false, false)]
    [TestCase("0000000000000001", false, false, true)]
    [TestCase("0000000000000004", true, false, false)]
    [TestCase("0000000000100000", false, true, false)]
    [TestCase("8000000000180005", true, true, true)]
    public void The_reserved_bits_say_what_is_spoken(string reserved, bool fast, bool extensions, bool dht)
    {
        var bytes = new byte[Handshake.Length];
        new Handshake(Hash, Id).Write(bytes);
        Convert.FromHexString(reserved).CopyTo(bytes, 20);

        Handshake.TryRead(bytes, out var read);

        Assert.That((read.SupportsFast, read.SupportsExtensions, read.SupportsDht), Is.EqualTo((fast, extensions, dht)));
    }

    [Test]
    public void The_torrent_is_known_before_the_peer_id()
    {
        var bytes = new byte[Handshake.Length];
        new Handshake(Hash, Id).Write(bytes);

        for (var have = 0; have <= bytes.Length; have++)
        {
            Assert.That(Handshake.TryReadInfoHash(bytes.AsSpan(0, have), out var hash), Is.EqualTo(have >= 48));
            Assert.That(Handshake.TryRead(bytes.AsSpan(0, have), out _), Is.EqualTo(have == 68));
            Assert.That(hash, Is.EqualTo(have >= 48 ? Hash : default));
        }
    }

    [Test]
    public void The_first_wrong_byte_is_enough()
    {
        var good = new byte[Handshake.Length];
        new Handshake(Hash, Id).Write(good);

        for (var at = 0; at < 20; at++)
        {
            var bad = good[..(at + 1)];
            bad[at] ^= 1;
            Assert.That(() => Handshake.TryRead(bad, out _), Throws.TypeOf<ProtocolException>());
        }
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        var good = new byte[Handshake.Length];
        new Handshake(Hash, Id).Write(good);

        Fuzz.EveryTextIsReadOrRefused(static bytes => Handshake.TryRead(bytes, out _), [good], []);
    }

    [Test]
    public void What_is_written_is_read()
    {
        Gen.Select(Gen.Byte.Array[20], Gen.Byte.Array[20], Gen.ULong)
            .Sample(
                static (hash, id, reserved) =>
                {
                    var bytes = new byte[Handshake.Length];
                    var handshake = new Handshake(new InfoHash(hash), new PeerId(id), reserved);
                    handshake.Write(bytes);
                    return Handshake.TryRead(bytes, out var read) && read == handshake;
                },
                iter: 1_000
            );
    }
}
