using System.Numerics;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Protocol.Tests.Encryption;

/// <summary>The other side as the specification has it, and as it must not be.</summary>
internal sealed class HostileEncryptionTests
{
    private const CryptoMethods Both = CryptoMethods.Plaintext | CryptoMethods.Rc4;
    private static readonly InfoHash Torrent = InfoHash.Compute("a torrent"u8);

    private static IEnumerable<TestCaseData> BadKeys()
    {
        yield return new TestCaseData(HandPeer.KeyOf(0)).SetArgDisplayNames("0");
        yield return new TestCaseData(HandPeer.KeyOf(1)).SetArgDisplayNames("1");
        yield return new TestCaseData(HandPeer.KeyOf(HandPeer.Prime - 1)).SetArgDisplayNames("p-1");
        yield return new TestCaseData(HandPeer.KeyOf(HandPeer.Prime)).SetArgDisplayNames("p");
        yield return new TestCaseData(HandPeer.KeyOf(HandPeer.Prime + 1)).SetArgDisplayNames("p+1");
        yield return new TestCaseData(HandPeer.KeyOf(BigInteger.Pow(2, 768) - 1)).SetArgDisplayNames("all ones");
    }

    [Test]
    public void Who_listens_by_the_specification_is_understood([Values(0, 1, 512)] int pad, [Values(0, 512)] int secondPad)
    {
        var near = new OutgoingEncryption(Torrent, Both, "hello"u8, pad);
        var peer = new HandPeer(near.TakeOutput(), Torrent, dials: false);
        near.Receive([.. HandPeer.Key, .. new byte[pad]]);
        var asked = near.TakeOutput();
        Assert.That(asked[..20], Is.EqualTo(peer.Sync));
        Assert.That(asked[20..40], Is.EqualTo(peer.Torrent));
        peer.Decryptor.Apply(asked.AsSpan(40));
        Assert.That(asked[40..], Is.EqualTo((byte[])[.. HandPeer.Methods(3, pad), 0, 5, .. "hello"u8]));

        near.Receive(peer.Encrypt([.. HandPeer.Methods(2, secondPad), .. "answer"u8]));

        Assert.That(near.Selected, Is.EqualTo(CryptoMethods.Rc4));
        Assert.That(near.Received.ToArray(), Is.EqualTo("answer"u8.ToArray()));
    }

    [Test]
    public void Who_dials_by_the_specification_is_understood([Values(0, 1, 512)] int pad, [Values(0, 512)] int secondPad)
    {
        var far = new IncomingEncryption(Both, Reveal, pad);
        far.Receive(HandPeer.Key);
        var peer = new HandPeer(far.TakeOutput(), Torrent, dials: true);

        far.Receive([
            .. new byte[pad],
            .. peer.Sync,
            .. peer.Torrent,
            .. peer.Encrypt([.. HandPeer.Methods(2, secondPad), 0, 2, .. "IA"u8]),
        ]);

        Assert.That(far.Selected, Is.EqualTo(CryptoMethods.Rc4));
        Assert.That(far.Received.ToArray(), Is.EqualTo("IA"u8.ToArray()));
        var answer = far.TakeOutput();
        peer.Decryptor.Apply(answer);
        Assert.That(answer, Is.EqualTo(HandPeer.Methods(2, pad)));
    }

    [Test]
    public void Bits_of_later_versions_are_ignored()
    {
        var far = new IncomingEncryption(Both, Reveal);
        far.Receive(HandPeer.Key);
        var peer = new HandPeer(far.TakeOutput(), Torrent, dials: true);

        far.Receive([.. peer.Sync, .. peer.Torrent, .. peer.Encrypt([.. HandPeer.Methods(0x7FFF_FFFE, 0), 0, 0])]);

        Assert.That(far.Selected, Is.EqualTo(CryptoMethods.Rc4));
    }

    [TestCaseSource(nameof(BadKeys))]
    public void A_key_that_gives_the_secret_away_is_refused(byte[] key)
    {
        Refuses(new OutgoingEncryption(Torrent, Both, default), key);
        Refuses(new IncomingEncryption(Both, Reveal), key);
    }

    [Test]
    public void A_pad_without_an_end_is_refused_after_512_bytes()
    {
        var near = new OutgoingEncryption(Torrent, Both, default);
        near.Receive([.. HandPeer.Key, .. new byte[512 + 7]]);
        Refuses(near, [0]);

        var far = new IncomingEncryption(Both, Reveal);
        far.Receive([.. HandPeer.Key, .. new byte[512 + 19]]);
        Refuses(far, [0]);
    }

    [Test]
    public void A_pad_of_513_bytes_is_refused()
    {
        var near = new OutgoingEncryption(Torrent, Both, default);
        var peer = new HandPeer(near.TakeOutput(), Torrent, dials: false);
        near.Receive(HandPeer.Key);
        Refuses(near, peer.Encrypt(HandPeer.Methods(1, 513)[..14]));

        var far = new IncomingEncryption(Both, Reveal);
        far.Receive(HandPeer.Key);
        peer = new HandPeer(far.TakeOutput(), Torrent, dials: true);
        Refuses(far, [.. peer.Sync, .. peer.Torrent, .. peer.Encrypt(HandPeer.Methods(1, 513)[..14])]);
    }

    [Test]
    public void A_wrong_verification_constant_is_refused()
    {
        var far = new IncomingEncryption(Both, Reveal);
        far.Receive(HandPeer.Key);
        var peer = new HandPeer(far.TakeOutput(), Torrent, dials: true);

        Refuses(far, [.. peer.Sync, .. peer.Torrent, .. peer.Encrypt(HandPeer.Methods(3, 0, verification: 1))]);
    }

    [Test]
    public void A_torrent_that_is_not_here_is_refused()
    {
        var far = new IncomingEncryption(Both, Reveal);
        far.Receive(HandPeer.Key);
        var peer = new HandPeer(far.TakeOutput(), InfoHash.Compute("another"u8), dials: true);

        Refuses(far, [.. peer.Sync, .. peer.Torrent]);
    }

    [TestCase(Both, 0)]
    [TestCase(Both, 4)]
    [TestCase(CryptoMethods.Rc4, 1)]
    public void An_offer_without_a_method_that_is_allowed_is_refused(CryptoMethods allowed, int offered)
    {
        var far = new IncomingEncryption(allowed, Reveal);
        far.Receive(HandPeer.Key);
        var peer = new HandPeer(far.TakeOutput(), Torrent, dials: true);

        Refuses(far, [.. peer.Sync, .. peer.Torrent, .. peer.Encrypt(HandPeer.Methods(offered, 0))]);
    }

    [TestCase(CryptoMethods.Rc4, 1)]
    [TestCase(CryptoMethods.Rc4, 3)]
    [TestCase(Both, 3)]
    [TestCase(Both, 0)]
    [TestCase(Both, 4)]
    public void A_choice_that_was_not_offered_is_refused(CryptoMethods offered, int selected)
    {
        var near = new OutgoingEncryption(Torrent, offered, default);
        var peer = new HandPeer(near.TakeOutput(), Torrent, dials: false);
        near.Receive(HandPeer.Key);

        Refuses(near, peer.Encrypt(HandPeer.Methods(selected, 0)));
    }

    [Test]
    public void A_peer_that_answers_in_the_clear_is_refused_within_620_bytes()
    {
        var near = new OutgoingEncryption(Torrent, Both, default);

        Refuses(near, [19, .. "BitTorrent protocol"u8, .. new byte[600]]);
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Gen.Select(Gen.Byte.Array[0, 1500], Gen.Int[1, 400])
            .Sample(
                static (bytes, cut) =>
                    ReadsOrRefuses(new OutgoingEncryption(Torrent, Both, default), bytes, cut)
                    && ReadsOrRefuses(new IncomingEncryption(Both, Reveal), bytes, cut),
                iter: Fuzz.Iterations(300)
            );
    }

    [Test]
    public void Any_damage_to_a_good_handshake_is_read_or_refused()
    {
        Gen.Select(Gen.Int[0, 700], Gen.Byte, Gen.Int[1, 400], Gen.Int[0, 40])
            .Sample(
                static (at, value, cut, pad) =>
                {
                    var far = new IncomingEncryption(Both, Reveal, 0);
                    far.Receive(HandPeer.Key);
                    var peer = new HandPeer(far.TakeOutput(), Torrent, dials: true);
                    byte[] bytes =
                    [
                        .. new byte[pad],
                        .. peer.Sync,
                        .. peer.Torrent,
                        .. peer.Encrypt([.. HandPeer.Methods(3, pad), 0, 100, .. new byte[600]]),
                    ];
                    bytes[at % bytes.Length] = value;
                    return ReadsOrRefuses(far, bytes, cut);
                },
                iter: Fuzz.Iterations(300)
            );
    }

    private static InfoHash? Reveal(InfoHash obfuscated)
    {
        return obfuscated == StreamKeys.Obfuscate(Torrent) ? Torrent : null;
    }

    private static void Refuses(EncryptionHandshake side, byte[] bytes)
    {
        Assert.That(() => side.Receive(bytes), Throws.InstanceOf<ProtocolException>());
        Assert.That(side.IsComplete, Is.False);
        Assert.That(side.Received.IsEmpty, Is.True);
    }

    private static bool ReadsOrRefuses(EncryptionHandshake side, byte[] bytes, int cut)
    {
        return Fuzz.IsReadOrRefused(
            all =>
            {
                for (var at = 0; at < all.Length; at += cut)
                {
                    side.Receive(all.AsSpan(at, Math.Min(cut, all.Length - at)));
                }
            },
            bytes
        );
    }
}
