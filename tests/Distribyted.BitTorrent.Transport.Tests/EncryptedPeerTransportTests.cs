using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;
using Distribyted.BitTorrent.Transport.Encryption;

namespace Distribyted.BitTorrent.Transport.Tests;

/// <summary>TCP with an encrypted payload is a transport.</summary>
internal sealed class EncryptedPeerTransportTests : PeerTransportConformance
{
    private static readonly InfoHash Torrent = InfoHash.Compute("a torrent"u8);

    protected override Task<(IPeerTransport Near, IPeerTransport Far)> ConnectAsync(CancellationToken cancellationToken)
    {
        return ConnectAsync(CryptoMethods.Rc4, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task What_is_sent_stays_as_it_is_in_the_buffer_of_the_sender(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        using (near)
        using (far)
        {
            var sent = new byte[200_000];

            var sending = near.SendAsync(sent, cancellationToken).AsTask();
            var received = new byte[200_000];
            received.AsSpan().Fill(1);
            for (var have = 0; have < received.Length; )
            {
                have += await far.ReceiveAsync(received.AsMemory(have), cancellationToken);
            }

            await sending;
            Assert.That(sent.AsSpan().ContainsAnyExcept((byte)0), Is.False);
            Assert.That(received.AsSpan().ContainsAnyExcept((byte)0), Is.False);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_payload_in_the_clear_needs_no_wrapper(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(CryptoMethods.Plaintext, cancellationToken);
        using (near)
        using (far)
        {
            Assert.That(near, Is.InstanceOf<TcpTransport>());
            Assert.That(far, Is.InstanceOf<TcpTransport>());
        }
    }

    [Test]
    public async Task Receiving_and_sending_allocate_nothing()
    {
        using var transport = new EncryptedTransport(new Endless(), new Rc4("a"u8), new Rc4("b"u8));
        var buffer = new byte[100_000];
        await ExchangeAsync(transport, buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 10; i++)
        {
            await ExchangeAsync(transport, buffer);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    /// <summary>Ends before it returns: the transport inside never waits.</summary>
    private static async Task ExchangeAsync(EncryptedTransport transport, byte[] buffer)
    {
        await transport.ReceiveAsync(buffer, CancellationToken.None);
        await transport.SendAsync(buffer, CancellationToken.None);
    }

    private static async Task<(IPeerTransport Near, IPeerTransport Far)> ConnectAsync(
        CryptoMethods method,
        CancellationToken cancellationToken
    )
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialled = await TcpTransport.ConnectAsync(
            new PeerEndPoint((IPEndPoint)listener.LocalEndpoint),
            new TransportOptions(),
            cancellationToken
        );
        var accepted = new TcpTransport(await listener.AcceptSocketAsync(cancellationToken));
        var near = new OutgoingEncryption(Torrent, method, "hello"u8);
        var far = new IncomingEncryption(method, static hash => hash == StreamKeys.Obfuscate(Torrent) ? Torrent : null);
        var dialling = EncryptionNegotiation.RunAsync(dialled, near, default, cancellationToken);
        await EncryptionNegotiation.RunAsync(accepted, far, default, cancellationToken);
        var opened = await EncryptionNegotiation.OpenAsync(accepted, far, default, cancellationToken);
        await dialling;
        Assert.That(far.Received.ToArray(), Is.EqualTo("hello"u8.ToArray()));
        return (await EncryptionNegotiation.OpenAsync(dialled, near, default, cancellationToken), opened);
    }

    /// <summary>Always has bytes, and takes all.</summary>
    private sealed class Endless : IPeerTransport
    {
        public PeerEndPoint Remote => default;

        public int Unread => 0;

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult(buffer.Length);
        }

        public void Expect(int bytes) { }

        public void EndUnlessAcknowledgedWithin(TimeSpan time) { }

        public void AbortOnDispose() { }

        public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
        {
            return ValueTask.CompletedTask;
        }

        public void Dispose() { }
    }
}
