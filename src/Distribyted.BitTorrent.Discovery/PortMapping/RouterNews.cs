using System.Net;
using System.Net.Sockets;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>Receives what routers tell by themselves when they have restarted: multicasts of NAT-PMP and PCP (RFC 6886, section 3.2.1; RFC 6887, section 14.1).
/// Nothing is sent from its port.</summary>
internal sealed class RouterNews : IAsyncDisposable
{
    private const int MaxDatagram = 1100;
    private const int MaxErrors = 64; // in a row
    private static readonly IPAddress AllHosts = new([224, 0, 0, 1]);

    private readonly Socket _socket;
    private readonly Action<byte[], IPAddress> _heard;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _receiving;

    /// <param name="port">The UDP port, which other programs may have as well.</param>
    /// <param name="heard">Gets each datagram and its sender. Must not throw.</param>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public RouterNews(int port, Action<byte[], IPAddress> heard)
    {
        _heard = heard;
        var isDual = Socket.OSSupportsIPv6;
        _socket = new Socket(isDual ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.DualMode = isDual;
        }
        catch (Exception e) when (e is NotSupportedException or SocketException)
        {
            // IPv4 only
        }

        try
        {
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.Bind(new IPEndPoint(isDual ? IPAddress.IPv6Any : IPAddress.Any, port));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _receiving = ReceiveAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _receiving;
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[MaxDatagram];
        EndPoint any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        for (var errors = 0; errors < MaxErrors; )
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stop.Token);
                errors = 0;
                _heard(buffer[..received.ReceivedBytes], ClientAddress.Plain(((IPEndPoint)received.RemoteEndPoint).Address));
            }
            catch (SocketException)
            {
                errors++;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
