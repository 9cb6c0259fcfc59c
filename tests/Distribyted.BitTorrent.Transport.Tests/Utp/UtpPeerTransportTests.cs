using System.Net;
using System.Threading.Channels;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport.Udp;
using Distribyted.BitTorrent.Transport.Utp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>µTP as every transport.</summary>
internal sealed class UtpPeerTransportTests : PeerTransportConformance
{
    private readonly List<IAsyncDisposable> _ports = [];
    private readonly List<UtpSockets> _sockets = [];

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

    protected override async Task<(IPeerTransport Near, IPeerTransport Far)> ConnectAsync(CancellationToken cancellationToken)
    {
        var accepted = Channel.CreateUnbounded<UtpTransport>();
        var (near, _) = Start(static _ => { });
        var (far, port) = Start(t => accepted.Writer.TryWrite(t));

        var dialled = await near.ConnectAsync(new PeerEndPoint(IPAddress.Loopback, port), cancellationToken);

        // A connection is accepted when who dialled has sent something.
        await dialled.SendAsync("!"u8.ToArray(), cancellationToken);
        var incoming = await accepted.Reader.ReadAsync(cancellationToken);
        await incoming.ReceiveAsync(new byte[1], cancellationToken);
        return (dialled, incoming);
    }

    private (UtpSockets Sockets, int Port) Start(Action<UtpTransport> accepted)
    {
        var port = new UdpPort(new TransportOptions { BindAddresses = [IPAddress.Loopback] }, TimeProvider.System);
        var sockets = new UtpSockets(port, TimeProvider.System, NullLogger.Instance);
        _ports.Add(port);
        _sockets.Add(sockets);
        sockets.Start(accepted);
        port.Open(0);
        port.Start(static _ => { });
        return (sockets, port.Port);
    }
}
