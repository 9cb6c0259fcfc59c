using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Encryption;
using Distribyted.BitTorrent.Transport.Udp;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Accepts connections of peers. An unknown peer has ten seconds for its handshake; how many may be at it at once is said by <see cref="UnfinishedHandshakes"/>.</summary>
/// <param name="services">Of the session.</param>
/// <param name="publicPort">The port that the user names for peers to be told; 0: none.</param>
/// <param name="datagrams">Opened with the same number; null: UDP is not used.</param>
/// <param name="find">Finds the swarm for a handshake; null: the connection is rejected.</param>
internal sealed class PeerListener(PeerServices services, int publicPort, UdpPort? datagrams, Func<InfoHash, ValueTask<IPeerOwner?>> find)
    : IAsyncDisposable
{
    private const long UnknownRtt = 50 * MonotonicClock.Millisecond; // nothing was dialled; the scheduler measures its own
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly UnfinishedHandshakes _unfinished = new();
    private readonly EncryptionLimiter _encryptions = new();
    private TcpPeerListener? _listener;

    /// <summary>The port that was opened; 0 before the start.</summary>
    public int Port => _listener?.Port ?? datagrams?.Port ?? 0;

    /// <summary>Whether a peer from beyond our own network ever came in: then no peer needs to be dialled to be served.</summary>
    public bool WasReached { get; private set; }

    /// <summary>The same for IPv4, which a NAT may keep from us.</summary>
    public bool WasReachedOverIPv4 { get; private set; }

    /// <summary>Opens the port on all addresses, or on those that were bound.</summary>
    /// <exception cref="IOException">The port cannot be had.</exception>
    public void Start()
    {
        _listener = PeerPorts.Open(services.Transport, datagrams, services.Clock.Time);
        services.Ports = OwnPorts.Of(Port, mapped: 0, publicPort);
        _listener?.Start(Accept, error => services.Log.AcceptFailed(error.Message));
    }

    /// <summary>Accepts a connection, whatever carries it. Does not block.</summary>
    /// <param name="transport">Owned from now on.</param>
    public void Accept(IPeerTransport transport)
    {
        Background.Forget("handshake of an incoming connection", services.Log, WelcomeAsync(transport));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _stop.Dispose();
    }

    private void Accept(Socket socket)
    {
        TcpTransport transport;
        try
        {
            transport = new TcpTransport(socket);
        }
        catch (Exception e) // the peer has gone again
        {
            services.Log.ConnectionRejected(e.Message);
            socket.Dispose();
            return;
        }

        Accept(transport);
    }

    private async Task WelcomeAsync(IPeerTransport transport)
    {
        PeerConnection connection;
        ReadOnlyMemory<byte> rest;
        IPeerOwner owner;
        try
        {
            var unfinished = _unfinished.Add(transport.Remote, transport);
            try
            {
                (owner, connection, rest) = await ShakeHandsAsync(transport);
            }
            finally
            {
                _unfinished.Remove(unfinished);
            }
        }
        catch (Exception e) // also an error while the torrent is activated: the socket of an unknown peer must not stay open
        {
            services.Log.ConnectionRejected(e.Message);
            transport.Dispose();
            return;
        }

        var isFromInternet = AddressGuard.ScopeOf(connection.Peer.Remote.Address) == AddressScope.Global;
        WasReached |= isFromInternet;
        WasReachedOverIPv4 |= isFromInternet && !connection.Peer.Remote.IsIPv6;
        if (owner.Join(connection.Peer) == DialOutcome.Joined)
        {
            await connection.RunAsync(rest);
        }
        else
        {
            connection.Dispose();
        }
    }

    private async Task<(IPeerOwner, PeerConnection, ReadOnlyMemory<byte>)> ShakeHandsAsync(IPeerTransport transport)
    {
        using var deadline = new CancellationTokenSource(HandshakeTime, services.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, deadline.Token);
        if (services.Bans.IsBanned(transport.Remote))
        {
            throw new IOException($"{transport.Remote} is banned.");
        }

        var buffer = new byte[4096];
        var have = 0;
        IPeerOwner? owner = null;
        var isEncrypted = false;
        if (services.Encryption.Mode != EncryptionMode.Disable)
        {
            while (Handshake.IsClear(buffer.AsSpan(0, have)) is null)
            {
                have += await ReceiveAsync(transport, buffer.AsMemory(have), either.Token);
            }

            if (Handshake.IsClear(buffer.AsSpan(0, have)) == false)
            {
                isEncrypted = true;
                (owner, transport, var payload) = await DecryptAsync(transport, buffer.AsMemory(0, have), either.Token);
                buffer = new byte[payload.Length + buffer.Length];
                payload.CopyTo(buffer);
                have = payload.Length;
            }
            else if (services.Encryption.Mode == EncryptionMode.Require)
            {
                throw new IOException($"{transport.Remote} does not encrypt, which torrent.encryption requires.");
            }
        }

        Handshake handshake;
        while (true)
        {
            // The info hash is enough to answer: the peer id may come in a packet of its own.
            if (owner is null && Handshake.TryReadInfoHash(buffer.AsSpan(0, have), out var hash))
            {
                owner = await FindAsync(hash, transport);
                await transport.SendAsync(Hello(owner), either.Token);
            }

            if (Handshake.TryRead(buffer.AsSpan(0, have), out handshake))
            {
                break;
            }

            have += await ReceiveAsync(transport, buffer.AsMemory(have), either.Token);
        }

        if (handshake.InfoHash != owner!.InfoHash)
        {
            throw new IOException($"{transport.Remote} asks for another torrent than in its encryption handshake.");
        }

        var connection = new PeerConnection(owner, services, transport, handshake, isOutgoing: false, UnknownRtt, isEncrypted);
        return (owner, connection, buffer.AsMemory(Handshake.Length, have - Handshake.Length));
    }

    /// <summary>Does the encryption handshake, and answers with ours: which torrent is meant is known before the peer says so.</summary>
    private async Task<(IPeerOwner, IPeerTransport, ReadOnlyMemory<byte>)> DecryptAsync(
        IPeerTransport transport,
        ReadOnlyMemory<byte> received,
        CancellationToken cancellationToken
    )
    {
        if (!_encryptions.TryPass(transport.Remote, services.Clock.Now))
        {
            throw new IOException($"{transport.Remote}: too many encryption handshakes at the moment.");
        }

        var allowed = services.Encryption.Mode == EncryptionMode.Require ? CryptoMethods.Rc4 : CryptoMethods.Rc4 | CryptoMethods.Plaintext;
        var encryption = new IncomingEncryption(allowed, services.ObfuscatedHashes.Reveal);
        await EncryptionNegotiation.RunAsync(transport, encryption, received, cancellationToken);
        var owner = await FindAsync(encryption.InfoHash, transport);
        transport = await EncryptionNegotiation.OpenAsync(transport, encryption, Hello(owner), cancellationToken);
        return (owner, transport, encryption.Received);
    }

    private async ValueTask<IPeerOwner> FindAsync(InfoHash hash, IPeerTransport transport)
    {
        return await find(hash) ?? throw new IOException($"{transport.Remote} asks for a torrent that is not here.");
    }

    private byte[] Hello(IPeerOwner owner)
    {
        var hello = new byte[Handshake.Length];
        new Handshake(owner.InfoHash, services.PeerId).WithDht(owner.UsesDht).Write(hello);
        return hello;
    }

    private static async ValueTask<int> ReceiveAsync(IPeerTransport transport, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await transport.ReceiveAsync(buffer, cancellationToken);
        return count > 0 ? count : throw new IOException($"{transport.Remote} closed during the handshake.");
    }
}
