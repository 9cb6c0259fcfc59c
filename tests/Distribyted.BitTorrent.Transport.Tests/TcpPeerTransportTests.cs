using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Tests;

/// <summary>Plain TCP is a transport.</summary>
internal sealed class TcpPeerTransportTests : PeerTransportConformance
{
    protected override async Task<(IPeerTransport Near, IPeerTransport Far)> ConnectAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = await TcpTransport.ConnectAsync(
            new PeerEndPoint((IPEndPoint)listener.LocalEndpoint),
            new TransportOptions(),
            cancellationToken
        );
        return (near, new TcpTransport(await listener.AcceptSocketAsync(cancellationToken)));
    }
}
