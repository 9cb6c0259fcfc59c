using System.Text;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Protocol.Tests.Encryption;

/// <summary>Both sides of our own against each other: every method, pads of every edge, bytes cut anywhere.</summary>
internal sealed class EncryptionHandshakeTests
{
    private const CryptoMethods Both = CryptoMethods.Plaintext | CryptoMethods.Rc4;
    private static readonly InfoHash Torrent = InfoHash.Compute("a torrent"u8);
    private static readonly byte[] Hello = Encoding.ASCII.GetBytes("the handshake of who dials");

    [TestCase(Both, Both, CryptoMethods.Plaintext)]
    [TestCase(Both, CryptoMethods.Rc4, CryptoMethods.Rc4)]
    [TestCase(CryptoMethods.Rc4, Both, CryptoMethods.Rc4)]
    [TestCase(CryptoMethods.Rc4, CryptoMethods.Rc4, CryptoMethods.Rc4)]
    [TestCase(CryptoMethods.Plaintext, Both, CryptoMethods.Plaintext)]
    [TestCase(CryptoMethods.Plaintext, CryptoMethods.Plaintext, CryptoMethods.Plaintext)]
    public void Both_sides_agree_on_a_method_and_understand_each_other(CryptoMethods offered, CryptoMethods allowed, CryptoMethods selected)
    {
        var (near, far) = Shake(offered, allowed, pad: null, cut: int.MaxValue);

        Assert.That(near.Selected, Is.EqualTo(selected));
        Assert.That(far.Selected, Is.EqualTo(selected));
        Assert.That(far.InfoHash, Is.EqualTo(Torrent));
        Assert.That(far.Received.ToArray(), Is.EqualTo(Hello));
        Assert.That(near.Received.IsEmpty, Is.True);
        far.Send("an answer"u8);
        near.Receive(far.TakeOutput());
        Assert.That(near.Received.ToArray(), Is.EqualTo("an answer"u8.ToArray()));
        near.Send(", more"u8);
        far.Receive(near.TakeOutput());
        Assert.That(Encoding.ASCII.GetString(far.Received.Span), Is.EqualTo("the handshake of who dials, more"));
    }

    [Test]
    public void A_payload_that_is_encrypted_cannot_be_read_on_the_way_and_one_in_the_clear_can()
    {
        foreach (var method in new[] { CryptoMethods.Rc4, CryptoMethods.Plaintext })
        {
            var (near, _) = Shake(method, method, pad: null, cut: int.MaxValue);
            near.Send("films"u8);
            Assert.That(near.TakeOutput().AsSpan().SequenceEqual("films"u8), Is.EqualTo(method == CryptoMethods.Plaintext));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(511)]
    [TestCase(512)]
    public void Pads_may_be_empty_and_full_and_bytes_may_come_one_by_one(int pad)
    {
        foreach (var method in new[] { CryptoMethods.Rc4, CryptoMethods.Plaintext })
        {
            var (near, far) = Shake(method, Both, pad, cut: 1);

            Assert.That(near.IsComplete && far.IsComplete, Is.True);
            Assert.That(far.Received.ToArray(), Is.EqualTo(Hello));
        }
    }

    [Test]
    public void A_handshake_may_be_cut_anywhere()
    {
        for (var cut = 1; cut < 700; cut += 7)
        {
            var (near, far) = Shake(Both, Both, pad: 512, cut);

            Assert.That(near.IsComplete && far.IsComplete, Is.True, $"cut at {cut}");
            Assert.That(far.Received.ToArray(), Is.EqualTo(Hello), $"cut at {cut}");
        }
    }

    [Test]
    public void The_longest_initial_payload_is_given_over_whole()
    {
        var payload = new byte[ushort.MaxValue];
        new Random(1).NextBytes(payload);
        var near = new OutgoingEncryption(Torrent, CryptoMethods.Rc4, payload);
        var far = new IncomingEncryption(Both, Reveal);
        far.Receive(near.TakeOutput());
        near.Receive(far.TakeOutput());
        var step = near.TakeOutput();
        far.Receive(step.AsSpan(0, step.Length - 1));
        Assert.That(far.IsComplete, Is.False);

        far.Receive(step.AsSpan(step.Length - 1));

        Assert.That(far.Received.Span.SequenceEqual(payload), Is.True);
        Assert.That(
            static () => new OutgoingEncryption(Torrent, CryptoMethods.Rc4, new byte[65_536]),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
        );
    }

    [Test]
    public void Payload_may_follow_at_once_in_both_directions()
    {
        var near = new OutgoingEncryption(Torrent, CryptoMethods.Rc4, Hello);
        var far = new IncomingEncryption(Both, Reveal);
        far.Receive(near.TakeOutput());
        near.Receive(far.TakeOutput());
        far.Receive(near.TakeOutput());
        far.Send("answer"u8);

        near.Receive(far.TakeOutput());

        Assert.That(near.Received.ToArray(), Is.EqualTo("answer"u8.ToArray()));
    }

    [Test]
    public void Two_handshakes_have_nothing_in_common()
    {
        var first = new OutgoingEncryption(Torrent, Both, Hello).TakeOutput();
        var second = new OutgoingEncryption(Torrent, Both, Hello).TakeOutput();

        Assert.That(first.AsSpan(0, 96).SequenceEqual(second.AsSpan(0, 96)), Is.False);
    }

    [Test]
    public void Nothing_can_be_sent_before_the_end()
    {
        var near = new OutgoingEncryption(Torrent, Both, Hello);

        Assert.That(() => near.Send("x"u8), Throws.InvalidOperationException);
        Assert.That(() => near.Encryptor, Throws.InvalidOperationException);
        Assert.That(() => near.Decryptor, Throws.InvalidOperationException);
    }

    private static InfoHash? Reveal(InfoHash obfuscated)
    {
        return obfuscated == StreamKeys.Obfuscate(Torrent) ? Torrent : null;
    }

    private static (OutgoingEncryption Near, IncomingEncryption Far) Shake(CryptoMethods offered, CryptoMethods allowed, int? pad, int cut)
    {
        var near = new OutgoingEncryption(Torrent, offered, Hello, pad);
        var far = new IncomingEncryption(allowed, Reveal, pad);
        while (true)
        {
            var there = near.TakeOutput();
            Give(far, there, cut);
            var back = far.TakeOutput();
            Give(near, back, cut);
            if (there.Length == 0 && back.Length == 0)
            {
                Assert.That(near.IsComplete && far.IsComplete, Is.True);
                return (near, far);
            }
        }
    }

    private static void Give(EncryptionHandshake side, byte[] bytes, int cut)
    {
        for (var at = 0; at < bytes.Length; at += Math.Min(cut, bytes.Length - at))
        {
            side.Receive(bytes.AsSpan(at, Math.Min(cut, bytes.Length - at)));
        }
    }
}
