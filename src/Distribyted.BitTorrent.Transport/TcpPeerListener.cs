using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Transport;

/// <summary>The TCP port that peers connect to, on all addresses of this machine or on those that were bound. What becomes of a connection is the caller's.</summary>
public sealed class TcpPeerListener : IAsyncDisposable
{
    private const int Backlog = 256;
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _loops = [];

    /// <summary>Opens the port; connections wait until <see cref="Start"/>.</summary>
    /// <exception cref="IOException">The port cannot be opened; the message names its key.</exception>
    public TcpPeerListener(TransportOptions options, TimeProvider time)
    {
        _time = time;
        Port = options.ListenPort;
        try
        {
            if (options.BindAddresses.Count > 0)
            {
                foreach (var address in options.BindAddresses)
                {
                    Listen(address, dual: false);
                }
            }
            else if (options.DisableIPv6 || !Socket.OSSupportsIPv6)
            {
                Listen(IPAddress.Any, dual: false);
            }
            else
            {
                Listen(IPAddress.IPv6Any, dual: true);
            }
        }
        catch (SocketException e)
        {
            Close();
            throw new IOException(
                $"torrent.listen_port: {options.ListenPort} cannot be opened ({e.Message}). Choose another port or stop the program that has it.",
                e
            );
        }
    }

    /// <summary>The port that was opened.</summary>
    public int Port { get; private set; }

    /// <summary>Accepts connections until the listener is disposed. Called once.</summary>
    /// <param name="accepted">Gets each connection and owns it. Must not block and not throw.</param>
    /// <param name="failed">Told why connections cannot be accepted for a moment: too many open handles, as a rule.</param>
    public void Start(Action<Socket> accepted, Action<Exception> failed)
    {
        foreach (var socket in _sockets)
        {
            _loops.Add(AcceptAsync(socket, accepted, failed));
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

    /// <summary>Closes the sockets of a listener that was not started.</summary>
    internal void Close()
    {
        _sockets.ForEach(static socket => socket.Dispose());
    }

    private void Listen(IPAddress address, bool dual)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = dual;
        }

        socket.Bind(new IPEndPoint(address, Port));
        socket.Listen(Backlog);
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port; // the further addresses get the same one
    }

    private async Task AcceptAsync(Socket socket, Action<Socket> accepted, Action<Exception> failed)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                accepted(await socket.AcceptAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                failed(e);
                await Task.Delay(PauseAfterError, _time, CancellationToken.None);
            }
        }
    }
}
