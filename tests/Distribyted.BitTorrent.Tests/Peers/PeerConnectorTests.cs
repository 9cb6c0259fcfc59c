using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Udp;
using Distribyted.BitTorrent.Transport.Utp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Tests.Peers;

/// <summary>Which transport a peer is reached over.</summary>
internal sealed class PeerConnectorTests
{
    private readonly List<IDisposable> _sockets = [];
    private readonly List<IAsyncDisposable> _ports = [];

    [TearDown]
    public async Task CloseAsync()
    {
        _sockets.ForEach(static s => s.Dispose());
        foreach (var port in _ports)
        {
            await port.DisposeAsync();
        }

        _sockets.Clear();
        _ports.Clear();
    }

    [TestCase(true, true, false, typeof(TcpTransport))]
    [TestCase(true, false, false, typeof(TcpTransport))]
    [TestCase(false, true, false, typeof(UtpTransport))]
    [TestCase(true, true, true, typeof(UtpTransport))]
    [CancelAfter(30_000)]
    public async Task A_peer_is_reached_over_what_it_has(
        bool hasTcp,
        bool hasUtp,
        bool disableTcp,
        Type over,
        CancellationToken cancellationToken
    )
    {
        var peer = StartPeer(hasTcp, hasUtp);
        var connector = NewConnector(disableTcp);

        using var transport = await connector.ConnectAsync(peer, cancellationToken);

        Assert.That(transport, Is.TypeOf(over));
    }

    [TestCase(true, typeof(UtpTransport))]
    [TestCase(false, typeof(TcpTransport))]
    [CancelAfter(30_000)]
    public async Task A_peer_that_closed_over_tcp_is_dialled_over_utp_first_the_next_time_and_only_then(
        bool hasUtp,
        Type over,
        CancellationToken cancellationToken
    )
    {
        var peer = StartPeer(hasTcp: true, hasUtp);
        var connector = NewConnector(disableTcp: false);
        connector.ClosedOverTcp(peer);

        using var next = await connector.ConnectAsync(peer, cancellationToken);
        using var later = await connector.ConnectAsync(peer, cancellationToken);

        Assert.That(next, Is.TypeOf(over));
        Assert.That(later, Is.TypeOf<TcpTransport>());
    }

    [Test, CancelAfter(30_000)]
    public async Task A_peer_that_refuses_tcp_and_has_no_utp_is_given_up_soon(CancellationToken cancellationToken)
    {
        var peer = StartPeer(hasTcp: false, hasUtp: false);
        var connector = NewConnector(disableTcp: false);
        var started = TimeProvider.System.GetTimestamp();

        Assert.That(
            async () => await connector.ConnectAsync(peer, cancellationToken),
            Throws.InstanceOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionRefused)
        );

        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(2)), "less than a silent peer has");
    }

    [Test, CancelAfter(30_000)]
    public async Task A_peer_that_failed_over_tcp_is_tried_over_both_at_once_and_tcp_wins_again_when_it_is_there(
        CancellationToken cancellationToken
    )
    {
        var peer = StartPeer(hasTcp: false, hasUtp: true);
        var connector = NewConnector(disableTcp: false);
        (await connector.ConnectAsync(peer, cancellationToken)).Dispose();

        using (var again = await connector.ConnectAsync(peer, cancellationToken))
        {
            Assert.That(again, Is.TypeOf<UtpTransport>());
        }

        var tcp = new TcpListener(peer.ToIPEndPoint());
        _sockets.Add(tcp);
        tcp.Start();
        (await connector.ConnectAsync(peer, cancellationToken)).Dispose(); // who is first is chance
    }

    private PeerEndPoint StartPeer(bool hasTcp, bool hasUtp)
    {
        var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        var peer = new PeerEndPoint((IPEndPoint)tcp.LocalEndpoint);
        if (hasUtp)
        {
            NewSockets(peer.Port).Start(static _ => { });
        }

        if (hasTcp)
        {
            _sockets.Add(tcp);
        }
        else
        {
            tcp.Dispose();
        }

        return peer;
    }

    private PeerConnector NewConnector(bool disableTcp)
    {
        var options = new TransportOptions { DisableTcp = disableTcp };
        var services = new PeerServices(options, new MonotonicClock(TimeProvider.System), NullLogger.Instance, 10, 0)
        {
            Utp = NewSockets(0),
        };
        return new PeerConnector(services);
    }

    private UtpSockets NewSockets(int number)
    {
        var port = new UdpPort(new TransportOptions { BindAddresses = [IPAddress.Loopback] }, TimeProvider.System);
        var sockets = new UtpSockets(port, TimeProvider.System, NullLogger.Instance);
        _ports.Add(port);
        _sockets.Add(sockets);
        port.Open(number);
        port.Start(static _ => { });
        return sockets;
    }
}
