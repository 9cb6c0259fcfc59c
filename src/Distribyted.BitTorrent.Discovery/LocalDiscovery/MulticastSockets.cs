using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.LocalDiscovery;

/// <summary>The multicast groups of BEP 14 on every network of this machine, or on those of the addresses that were bound.</summary>
/// <remarks>One socket for each family receives; one for each address sends, bound to it, so that nothing leaves by another interface. Datagrams live for one hop:
/// they do not leave the network.</remarks>
internal sealed class MulticastSockets : IMulticast
{
    private const int Port = 6771;
    private const int MaxPerSecond = 200; // of what is read: more is a flood
    private const int MaxErrors = 64; // in a row: the socket itself is broken
    private const int IPMulticastAll = 49; // linux/in.h
    private const int IPv6MulticastAll = 29; // linux/in6.h
    private static readonly IPAddress GroupIPv4 = IPAddress.Parse("239.192.152.143");
    private static readonly IPAddress GroupIPv6 = IPAddress.Parse("ff15::efc0:988f");

    private readonly TransportOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private IReadOnlyList<LocalNetwork> _networks = []; // replaced, never changed; read without it
    private List<Socket> _sockets = [];
    private List<(Socket Socket, IPEndPoint Group)> _senders = [];
    private List<Task> _receiving = [];
    private bool _isClosed;

    private Action<LocalAnnounce, PeerEndPoint> _received = static (_, _) => { };

    /// <param name="options">Which families and addresses.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="LocalDiscoveryLog"/>.</param>
    public MulticastSockets(TransportOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public void Start(Action<LocalAnnounce, PeerEndPoint> received)
    {
        _received = received;
        NetworkChange.NetworkAddressChanged += AddressChanged;
        Refresh();
    }

    /// <inheritdoc/>
    public void Send(LocalAnnounce announce)
    {
        lock (_lock)
        {
            foreach (var (socket, group) in _senders)
            {
                try
                {
                    socket.SendTo(announce.Write(group.ToString()), group);
                }
                catch (SocketException e)
                {
                    _logger.LocalAnnounceNotSent(((IPEndPoint)socket.LocalEndPoint!).Address, e.Message); // the next one may pass
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Refresh()
    {
        var networks = LocalNetwork.All(_options);
        lock (_lock)
        {
            if (_isClosed || networks.SequenceEqual(_networks))
            {
                return;
            }

            Close();
            Volatile.Write(ref _networks, networks);
            foreach (var network in networks)
            {
                TryOpenSender(network);
            }

            TryReceive(AddressFamily.InterNetwork, networks);
            TryReceive(AddressFamily.InterNetworkV6, networks);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NetworkChange.NetworkAddressChanged -= AddressChanged;
        List<Task> receiving;
        lock (_lock)
        {
            _isClosed = true;
            receiving = _receiving;
            Close();
        }

        await Task.WhenAll(receiving);
    }

    private void AddressChanged(object? sender, EventArgs e)
    {
        Background.Queue("local discovery", _logger, Refresh);
    }

    private void Close()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        (_sockets, _senders) = ([], []);
        _receiving = [.. _receiving.Where(static task => !task.IsCompleted)];
    }

    private void TryOpenSender(LocalNetwork network)
    {
        var family = network.Address.AddressFamily;
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(network.Address, 0));
            if (family == AddressFamily.InterNetwork)
            {
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, network.Address.GetAddressBytes());
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 1);
            }
            else
            {
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, network.Index);
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 1);
            }

            socket.Blocking = false;
            _senders.Add((socket, new IPEndPoint(GroupOf(family), Port)));
            _sockets.Add(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            _logger.LocalNetworkNotJoined(network.Address, e.Message);
        }
    }

    /// <summary>Opens the socket that receives, if there is a network of this family, and joins its group on each of them.</summary>
    private void TryReceive(AddressFamily family, IReadOnlyList<LocalNetwork> networks)
    {
        var indexes = networks.Where(n => n.Address.AddressFamily == family).Select(n => n.Index).Distinct().ToList();
        if (indexes.Count == 0)
        {
            return;
        }

        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true); // other clients of this machine listen there, too
            OnlyJoined(socket);
            socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, Port));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            _logger.LocalDiscoveryPortNotOpened(Port, e.Message);
            return;
        }

        foreach (var index in indexes)
        {
            try
            {
                if (family == AddressFamily.InterNetwork)
                {
                    socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(GroupIPv4, index));
                }
                else
                {
                    socket.SetSocketOption(
                        SocketOptionLevel.IPv6,
                        SocketOptionName.AddMembership,
                        new IPv6MulticastOption(GroupIPv6, index)
                    );
                }
            }
            catch (SocketException e)
            {
                _logger.LocalNetworkNotJoined(networks.First(n => n.Index == index).Address, e.Message);
            }
        }

        _sockets.Add(socket);
        _receiving.Add(Background.Run("local discovery", _logger, () => ReceiveAsync(socket, family)));
    }

    /// <summary>Linux gives a socket the datagrams of all groups that any program of the machine has joined, on any interface; not so with this.</summary>
    private static void OnlyJoined(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            var (level, option) = socket.AddressFamily == AddressFamily.InterNetwork ? (0, IPMulticastAll) : (41, IPv6MulticastAll);
            var off = 0;
            socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in off)));
        }
    }

    private static IPAddress GroupOf(AddressFamily family)
    {
        return family == AddressFamily.InterNetwork ? GroupIPv4 : GroupIPv6;
    }

    private async Task ReceiveAsync(Socket socket, AddressFamily family)
    {
        var buffer = new byte[LocalAnnounce.MaxLength + 1];
        var any = new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var second = _time.GetTimestamp();
        var count = 0;
        for (var errors = 0; errors < MaxErrors; )
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any);
                errors = 0;
                if (_time.GetElapsedTime(second) >= TimeSpan.FromSeconds(1))
                {
                    (second, count) = (_time.GetTimestamp(), 0);
                }

                if (++count <= MaxPerSecond)
                {
                    Read(buffer.AsSpan(0, received.ReceivedBytes), ((IPEndPoint)received.RemoteEndPoint).Address);
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                errors++; // an earlier datagram was refused, or this one is longer than announces are
            }
        }
    }

    private void Read(ReadOnlySpan<byte> datagram, IPAddress from)
    {
        if (!IsNear(from))
        {
            return;
        }

        try
        {
            var announce = LocalAnnounce.Read(datagram);
            _received(announce, new PeerEndPoint(from, announce.Port));
        }
        catch (ProtocolException e)
        {
            _logger.LocalAnnounceUnreadable(from, e.Message);
        }
    }

    /// <summary>Whether an address can be in a network of ours. A sender further away was forged, or came through a tunnel.</summary>
    private bool IsNear(IPAddress address)
    {
        var plain = ClientAddress.Plain(address);
        return AddressGuard.ScopeOf(plain) switch
        {
            AddressScope.Private or AddressScope.LinkLocal or AddressScope.Loopback => true,
            AddressScope.Global => Volatile.Read(ref _networks).Any(n => n.Contains(plain)),
            _ => false,
        };
    }
}
