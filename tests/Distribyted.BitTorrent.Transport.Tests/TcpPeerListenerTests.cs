using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Transport.Tests;

internal sealed class TcpPeerListenerTests
{
    [Test, CancelAfter(30_000)]
    public async Task Every_bound_address_has_the_same_port_and_accepts(CancellationToken cancellationToken)
    {
        IPAddress[] addresses = [IPAddress.Parse("127.0.0.31"), IPAddress.Parse("127.0.0.32")];
        await using var listener = new TcpPeerListener(
            new TransportOptions { ListenPort = 0, BindAddresses = addresses },
            TimeProvider.System
        );
        var accepted = System.Threading.Channels.Channel.CreateUnbounded<Socket>();
        listener.Start(socket => accepted.Writer.TryWrite(socket), static _ => { });

        foreach (var address in addresses)
        {
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(address, listener.Port, cancellationToken);
            using var socket = await accepted.Reader.ReadAsync(cancellationToken);

            Assert.That(((IPEndPoint)socket.LocalEndPoint!).Address, Is.EqualTo(address));
        }
    }

    [Test]
    public async Task A_port_that_is_taken_is_named_with_its_key_and_nothing_stays_open()
    {
        using var taken = new TcpListener(IPAddress.Parse("127.0.0.34"), 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var options = new TransportOptions
        {
            ListenPort = port,
            BindAddresses = [IPAddress.Parse("127.0.0.33"), IPAddress.Parse("127.0.0.34")],
        };

        Assert.That(
            () => new TcpPeerListener(options, TimeProvider.System),
            Throws.InstanceOf<IOException>().With.Message.StartsWith($"torrent.listen_port: {port} cannot be opened")
        );

        await using var free = new TcpPeerListener(options with { BindAddresses = [IPAddress.Parse("127.0.0.33")] }, TimeProvider.System);
        Assert.That(free.Port, Is.EqualTo(port));
    }

    [Test, CancelAfter(30_000)]
    public async Task After_its_end_the_port_is_closed(CancellationToken cancellationToken)
    {
        var listener = new TcpPeerListener(
            new TransportOptions { ListenPort = 0, BindAddresses = [IPAddress.Loopback] },
            TimeProvider.System
        );
        listener.Start(static socket => socket.Dispose(), static _ => { });
        var port = listener.Port;

        await listener.DisposeAsync();

        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Assert.That(
            async () => await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken),
            Throws.InstanceOf<SocketException>()
        );
    }
}
