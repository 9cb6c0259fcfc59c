using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Tests;

/// <summary>What a waiting receive is woken for.</summary>
internal sealed class TcpTransportTests
{
    private TcpListener _listener = null!;
    private TcpTransport _transport = null!;
    private Socket _peer = null!;

    [SetUp]
    public async Task Connect()
    {
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        _transport = await TcpTransport.ConnectAsync(
            new PeerEndPoint((IPEndPoint)_listener.LocalEndpoint),
            new TransportOptions(),
            CancellationToken.None
        );
        _peer = await _listener.AcceptSocketAsync();
    }

    [TearDown]
    public void Disconnect()
    {
        _transport.Dispose();
        _peer.Dispose();
        _listener.Dispose();
    }

    [Test, CancelAfter(60_000)]
    public async Task What_was_expected_comes_whole(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var receive = _transport.ReceiveAsync(buffer, cancellationToken);
        _transport.Expect(16_397);

        await _peer.SendAsync(new byte[16_396], cancellationToken);
        await _peer.SendAsync(new byte[1], cancellationToken);

        var count = await receive;
        Assert.That(count, OperatingSystem.IsLinux() ? Is.EqualTo(16_397) : Is.Positive);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_smaller_amount_wakes_a_receive_that_waits(CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var receive = _transport.ReceiveAsync(buffer, cancellationToken);
        _transport.Expect(1000);
        await _peer.SendAsync(new byte[5], cancellationToken);

        _transport.Expect(1);

        Assert.That(await receive, Is.EqualTo(5));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_that_leaves_in_the_middle_of_a_message_is_noticed(CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var receive = _transport.ReceiveAsync(buffer, cancellationToken);
        _transport.Expect(1000);

        await _peer.SendAsync(new byte[5], cancellationToken);
        _peer.Shutdown(SocketShutdown.Send);

        Assert.That(await receive, Is.EqualTo(5));
        Assert.That(await _transport.ReceiveAsync(buffer, cancellationToken), Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_receive_that_is_taken_back_ends_although_it_expects_more(CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receive = _transport.ReceiveAsync(new byte[1024], given.Token).AsTask();
        _transport.Expect(1000);

        await given.CancelAsync();

        Assert.That(async () => await receive, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void An_amount_after_the_end_is_ignored()
    {
        _transport.Dispose();

        Assert.That(() => _transport.Expect(1000), Throws.Nothing);
    }
}
