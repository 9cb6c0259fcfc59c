using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Takes connections in. A stranger has ten seconds for its handshake, and a hundred strangers may be at it at once.</summary>
internal sealed class PeerListener(SwarmServices services, Func<InfoHash, ValueTask<Swarm?>> find) : IAsyncDisposable
{
    private const int MaxStrangers = 100;
    private const long UnknownRtt = 50 * MonotonicClock.Millisecond; // nothing was dialled; the scheduler measures its own
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _loops = [];
    private int _strangers;

    /// <summary>The port that was opened.</summary>
    public int Port { get; private set; }

    /// <summary>Opens the port on all addresses, or on those that were bound.</summary>
    /// <exception cref="IOException">The port cannot be had.</exception>
    public void Start()
    {
        var options = services.Options;
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
            throw new IOException(
                $"torrent.listen_port: {options.ListenPort} cannot be opened ({e.Message}). Choose another port or stop the program that has it.",
                e
            );
        }

        services.ListenPort = options.PublicPort > 0 ? options.PublicPort : Port;
        foreach (var socket in _sockets)
        {
            _loops.Add(AcceptAsync(socket));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        await Task.WhenAll(_loops);
        _stop.Dispose();
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
        socket.Listen(256);
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var accepted = await socket.AcceptAsync(_stop.Token);
                if (Interlocked.Increment(ref _strangers) > MaxStrangers)
                {
                    Interlocked.Decrement(ref _strangers);
                    accepted.Dispose();
                    continue;
                }

                _ = WelcomeAsync(accepted);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                services.Log.AcceptFailed(e.Message); // too many handles, or the stranger was gone at once
                await Task.Delay(TimeSpan.FromMilliseconds(100), services.Clock.Time, CancellationToken.None);
            }
        }
    }

    private async Task WelcomeAsync(Socket socket)
    {
        PeerConnection? connection = null;
        ReadOnlyMemory<byte> rest = default;
        Swarm? swarm = null;
        try
        {
            (swarm, connection, rest) = await ShakeHandsAsync(new TcpTransport(socket));
        }
        catch (Exception e) // also what goes wrong while the torrent wakes: a stranger must not be left with a socket
        {
            services.Log.StrangerRefused(e.Message);
            socket.Dispose();
        }
        finally
        {
            Interlocked.Decrement(ref _strangers);
        }

        if (connection is null)
        {
            return;
        }

        if (swarm!.TryJoin(connection))
        {
            await connection.RunAsync(rest);
        }
        else
        {
            connection.Dispose();
        }
    }

    private async Task<(Swarm, PeerConnection, ReadOnlyMemory<byte>)> ShakeHandsAsync(TcpTransport transport)
    {
        using var deadline = new CancellationTokenSource(HandshakeTime, services.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, deadline.Token);
        if (services.Bans.IsBanned(transport.Remote))
        {
            throw new IOException($"{transport.Remote} is banned.");
        }

        var buffer = new byte[4096];
        var have = 0;
        Swarm? swarm = null;
        Handshake handshake;
        while (!Handshake.TryRead(buffer.AsSpan(0, have), out handshake))
        {
            var count = await transport.ReceiveAsync(buffer.AsMemory(have), either.Token);
            if (count == 0)
            {
                throw new IOException($"{transport.Remote} closed during the handshake.");
            }

            have += count;

            // The info hash is enough to answer: the peer id may come in a packet of its own.
            if (swarm is null && Handshake.TryReadInfoHash(buffer.AsSpan(0, have), out var hash))
            {
                swarm = await find(hash) ?? throw new IOException($"{transport.Remote} asks for a torrent that is not here.");
                var hello = new byte[Handshake.Length];
                new Handshake(swarm.InfoHash, services.PeerId).Write(hello);
                await transport.SendAsync(hello, either.Token);
            }
        }

        var connection = new PeerConnection(swarm!, transport, handshake, isOutgoing: false, UnknownRtt);
        return (swarm!, connection, buffer.AsMemory(Handshake.Length, have - Handshake.Length));
    }
}
