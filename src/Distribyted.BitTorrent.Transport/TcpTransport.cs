using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport;

/// <summary>Plain TCP.</summary>
public sealed class TcpTransport : IPeerTransport
{
    private const int SolSocket = 1;
    private const int SoRcvLowAt = 18;
    private const int IpProtoTcp = 6;
    private const int TcpQuickAck = 12;
    private const int TcpUserTimeout = 18;

    private readonly Socket _socket;
    private int _expected = 1;

    /// <param name="socket">Connected; owned from now on.</param>
    public TcpTransport(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true; // requests are small and urgent; they are gathered by us
        Remote = new PeerEndPoint((IPEndPoint)socket.RemoteEndPoint!);
    }

    /// <inheritdoc/>
    public PeerEndPoint Remote { get; }

    /// <summary>Connects to a peer. The caller's token is the time limit.</summary>
    /// <param name="remote">Where the peer listens.</param>
    /// <param name="options">The addresses to leave from.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">Refused, unreachable, or no local address of that family.</exception>
    public static async Task<TcpTransport> ConnectAsync(PeerEndPoint remote, TransportOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(
            remote.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
            SocketType.Stream,
            ProtocolType.Tcp
        );
        try
        {
            if (options.OwnAddress(socket.AddressFamily) is { } from)
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

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        return _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// <para>A block comes in a dozen segments, and on a line of 40 Mbit/s each of them wakes a thread for nothing. Linux wakes when so much is
    /// there (SO_RCVLOWAT, socket(7)), at the end of the stream, and when the window is full.</para>
    /// <para>A receive that waits for more also acknowledges what is here: Linux takes request and answer for interactive traffic and keeps the last
    /// acknowledgement back for 40 ms, and a peer whose TCP gathers small segments (RFC 896) keeps the end of the answer back for as long.</para>
    /// </remarks>
    public void Expect(int bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        if (bytes != _expected)
        {
            _expected = bytes;
            Set(SolSocket, SoRcvLowAt, bytes);
        }

        Set(IpProtoTcp, TcpQuickAck, 1);
    }

    /// <inheritdoc/>
    public int Unread
    {
        get
        {
            try
            {
                return _socket.Available;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    /// <inheritdoc/>
    public void EndUnlessAcknowledgedWithin(TimeSpan time)
    {
        if (OperatingSystem.IsLinux())
        {
            Set(IpProtoTcp, TcpUserTimeout, (int)time.TotalMilliseconds);
        }
    }

    /// <inheritdoc/>
    public void AbortOnDispose()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // it has ended already
        }
    }

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        return SendAllAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
    }

    private void Set(int level, int option, int value)
    {
        try
        {
            _socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // only a hint; the receive reports what is wrong with the socket
        }
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
