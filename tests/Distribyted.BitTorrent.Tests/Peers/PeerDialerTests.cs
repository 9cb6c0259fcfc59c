using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Encryption;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Tests.Peers;

/// <summary>How a peer is dialled that refuses one way, or both.</summary>
[TestFixture, CancelAfter(30_000)]
internal sealed class PeerDialerTests
{
    private readonly RecordedOwner _owner = new();
    private TcpListener _listener = null!;

    [SetUp]
    public void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
    }

    [TearDown]
    public void Close()
    {
        _listener.Dispose();
    }

    [Test]
    public async Task Who_refuses_encryption_is_dialled_in_the_clear_at_once_and_again_later(CancellationToken cancellationToken)
    {
        var dialer = DialerOf(EncryptionMode.Prefer);
        _owner.Share.Urgency = SwarmUrgency.Reading;
        Dial(dialer, cancellationToken);
        Assert.That(await AcceptAsync(Answer.None, cancellationToken), Is.False, "encrypted first");

        Assert.That(await AcceptAsync(Answer.Clear, cancellationToken), Is.True);

        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Joined));
        Dial(dialer, cancellationToken);
        Assert.That(await AcceptAsync(Answer.Clear, cancellationToken), Is.True, "remembered");
        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Joined));
    }

    [TestCase(SwarmUrgency.Blocked)]
    [TestCase(SwarmUrgency.Pending)]
    public async Task Who_refuses_the_clear_is_dialled_encrypted_at_once_and_again_later(
        object urgency,
        CancellationToken cancellationToken
    )
    {
        var dialer = DialerOf(EncryptionMode.Prefer);
        _owner.Share.Urgency = (SwarmUrgency)urgency;
        Dial(dialer, cancellationToken);
        Assert.That(await AcceptAsync(Answer.None, cancellationToken), Is.True, "a reader waits: no round trip is spent");

        Assert.That(await AcceptAsync(Answer.Encrypted, cancellationToken), Is.False);

        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Joined));
        Dial(dialer, cancellationToken);
        Assert.That(await AcceptAsync(Answer.Encrypted, cancellationToken), Is.False, "remembered");
        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Joined));
    }

    [Test]
    public async Task Who_refuses_everything_is_dialled_twice_and_later_once(CancellationToken cancellationToken)
    {
        var dialer = DialerOf(EncryptionMode.Prefer);
        Dial(dialer, cancellationToken);
        await AcceptAsync(Answer.None, cancellationToken);
        await AcceptAsync(Answer.None, cancellationToken);
        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Failed));

        Dial(dialer, cancellationToken);
        await AcceptAsync(Answer.None, cancellationToken);

        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Failed));
        Assert.That(_listener.Pending(), Is.False);
    }

    [TestCase(EncryptionMode.Require, false)]
    [TestCase(EncryptionMode.Disable, true)]
    public async Task A_restriction_has_no_second_way(EncryptionMode mode, bool isClear, CancellationToken cancellationToken)
    {
        var dialer = DialerOf(mode);
        Dial(dialer, cancellationToken);

        Assert.That(await AcceptAsync(Answer.None, cancellationToken), Is.EqualTo(isClear));

        Assert.That(await _owner.Dials.Reader.ReadAsync(cancellationToken), Is.EqualTo(DialOutcome.Failed));
        Assert.That(_listener.Pending(), Is.False);
    }

    private static PeerDialer DialerOf(EncryptionMode mode)
    {
        return new PeerDialer(
            new PeerServices(
                new TransportOptions { Encryption = mode },
                new MonotonicClock(TimeProvider.System),
                NullLogger.Instance,
                maxHalfOpen: 64,
                uploadLimit: 0
            )
        );
    }

    private void Dial(PeerDialer dialer, CancellationToken cancellationToken)
    {
        dialer.Dial(_owner, new PeerEndPoint((IPEndPoint)_listener.LocalEndpoint), SwarmUrgency.Idle, cancellationToken);
    }

    /// <summary>Accepts a connection, answers it, closes it; returns whether it began in the clear.</summary>
    private async Task<bool> AcceptAsync(Answer answer, CancellationToken cancellationToken)
    {
        using var transport = new TcpTransport(await _listener.AcceptSocketAsync(cancellationToken));
        var buffer = new byte[4096];
        var have = 0;
        while (Handshake.IsClear(buffer.AsSpan(0, have)) is null)
        {
            have += await transport.ReceiveAsync(buffer.AsMemory(have), cancellationToken);
        }

        var hello = new byte[Handshake.Length];
        new Handshake(_owner.InfoHash, PeerId.CreateRandom()).Write(hello);
        if (answer == Answer.Clear)
        {
            await transport.SendAsync(hello, cancellationToken);
        }
        else if (answer == Answer.Encrypted)
        {
            var encryption = new IncomingEncryption(CryptoMethods.Rc4, _ => _owner.InfoHash);
            await EncryptionNegotiation.RunAsync(transport, encryption, buffer.AsMemory(0, have), cancellationToken);
            Assert.That(Handshake.TryRead(encryption.Received.Span, out _), Is.True, "our handshake comes with the encryption handshake");
            await EncryptionNegotiation.OpenAsync(transport, encryption, hello, cancellationToken);
        }

        return Handshake.IsClear(buffer.AsSpan(0, have)) == true;
    }

    private enum Answer
    {
        None,
        Clear,
        Encrypted,
    }
}
