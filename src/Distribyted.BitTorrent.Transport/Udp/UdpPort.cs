using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Udp;

/// <summary>The UDP port of a session: one socket for IPv4 and one for IPv6, with the same number. It is opened, receivers are registered, then it
/// receives; what arrives in between waits. Safe for use by many threads.</summary>
/// <remarks>With several own addresses of one family it uses the first: a datagram has to leave from the address that the other side knows, and neither
/// µTP connections nor nodes of the DHT remember which of ours that is.</remarks>
public sealed class UdpPort : IDatagramPort, IAsyncDisposable
{
    private readonly TransportOptions _options;
    private readonly TimeProvider _time;
    private readonly List<DatagramReceiver> _receivers = [];
    private readonly List<Action> _drained = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private UdpSocket? _v4;
    private UdpSocket? _v6;

    /// <param name="options">Own addresses and families.</param>
    /// <param name="time">For the pause after an error of a socket.</param>
    public UdpPort(TransportOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <inheritdoc/>
    public int Port { get; private set; }

    /// <inheritdoc/>
    public bool Has(AddressFamily family)
    {
        return SocketOf(family == AddressFamily.InterNetworkV6) is not null;
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> datagram, PeerEndPoint to)
    {
        return SocketOf(to.IsIPv6)?.TrySend(datagram, to) ?? false;
    }

    /// <inheritdoc/>
    public void Register(DatagramReceiver receiver)
    {
        _receivers.Add(receiver);
    }

    /// <inheritdoc/>
    public void RegisterDrained(Action drained)
    {
        _drained.Add(drained);
    }

    /// <summary>Opens the port; nothing is received before <see cref="Start"/>.</summary>
    /// <param name="port">The number; 0: any that is free.</param>
    /// <exception cref="IOException">It cannot be opened; the message names its key.</exception>
    public void Open(int port)
    {
        try
        {
            Port = port;
            _v4 = OpenFamily(AddressFamily.InterNetwork);
            _v6 = _options.DisableIPv6 || !Socket.OSSupportsIPv6 ? null : OpenFamily(AddressFamily.InterNetworkV6);
        }
        catch (SocketException e)
        {
            Close();
            throw new IOException(
                $"torrent.listen_port: {port} cannot be opened for UDP ({e.Message}). Choose another port or stop the program that has it.",
                e
            );
        }
    }

    /// <summary>Receives until the port is disposed. Called once, after <see cref="Open"/>.</summary>
    /// <param name="failed">Told why a socket cannot receive for a moment.</param>
    public void Start(Action<Exception> failed)
    {
        foreach (var socket in new[] { _v4, _v6 })
        {
            if (socket is not null)
            {
                _loops.Add(Task.Run(() => ReceiveAsync(socket, failed)));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Close();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private UdpSocket? SocketOf(bool isIPv6)
    {
        return isIPv6 ? _v6 : _v4;
    }

    private UdpSocket? OpenFamily(AddressFamily family)
    {
        if (!_options.HasFamily(family))
        {
            return null;
        }

        var any = family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        var socket = new UdpSocket(new IPEndPoint(_options.OwnAddress(family) ?? any, Port));
        Port = socket.Port; // IPv6 gets the number of IPv4
        return socket;
    }

    private void Close()
    {
        _v4?.Dispose();
        _v6?.Dispose();
    }

    private async Task ReceiveAsync(UdpSocket socket, Action<Exception> failed)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await socket.ReceiveAsync(Received, Drained, _stop.Token);
            }
            catch (Exception e) when (_stop.IsCancellationRequested || e is ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                failed(e);
                await UdpSocket.PauseAsync(_time);
            }
        }
    }

    private void Received(ReadOnlySpan<byte> datagram, PeerEndPoint from)
    {
        foreach (var receiver in _receivers)
        {
            if (receiver(datagram, from))
            {
                return;
            }
        }
    }

    private void Drained()
    {
        foreach (var drained in _drained)
        {
            drained();
        }
    }
}
