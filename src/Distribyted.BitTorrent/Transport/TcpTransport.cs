using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport;

/// <summary>Plain TCP.</summary>
internal sealed class TcpTransport : IPeerTransport
{
    private readonly Socket _socket;

    public TcpTransport(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true; // requests are small and urgent; they are gathered by us
        Remote = new PeerEndPoint((IPEndPoint)socket.RemoteEndPoint!);
    }

    public PeerEndPoint Remote { get; }

    /// <summary>Dials. The caller's token is the time limit.</summary>
    /// <exception cref="SocketException">Refused, unreachable, or no local address of that family.</exception>
    public static async Task<TcpTransport> ConnectAsync(PeerEndPoint remote, IPAddress? from, CancellationToken cancellationToken)
    {
        var socket = new Socket(
            remote.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
            SocketType.Stream,
            ProtocolType.Tcp
        );
        try
        {
            if (from is not null)
            {
                socket.Bind(new IPEndPoint(from, 0));
            }

            await socket.ConnectAsync(remote.ToIPEndPoint(), cancellationToken);
            return new TcpTransport(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        return _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        return SendAllAsync(buffer, cancellationToken);
    }

    public void Dispose()
    {
        _socket.Dispose();
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        var sent = 0;
        while (sent < buffer.Length)
        {
            sent += await _socket.SendAsync(buffer[sent..], SocketFlags.None, cancellationToken);
        }
    }
}
