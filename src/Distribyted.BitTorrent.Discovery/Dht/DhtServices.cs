using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The DHT of a session (BEP 5): one node for each address family, the saved table, the bootstrap hosts, and the order of lookups. Safe for use by many
/// threads.</summary>
public sealed class DhtServices : IDhtNodeOwner, IAsyncDisposable
{
    private const int MaxPings = 16; // nodes that torrents and peers name, in a second
    private const int MaxHosts = 64; // bootstrap hosts and nodes of torrents

    private readonly DiscoveryOptions _options;
    private readonly IDatagramPort _port;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HostNames _names;
    private readonly string? _path;
    private readonly ExternalAddress _external;
    private readonly DhtNodeServices _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping; // may be asked for after the end
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _saving = new(1); // holds no handle
    private readonly HashSet<string> _unresolved = new(StringComparer.OrdinalIgnoreCase); // hosts that the log has named, guarded by _lock
    private readonly List<string> _torrentNodes = []; // host:port, guarded by _lock
    private DhtNode[] _nodes = [];
    private long _pingsSince; // guarded by _lock
    private int _pings; // guarded by _lock
    private bool _isStarted; // guarded by _lock
    private bool _isDisposed; // guarded by _lock

    /// <summary>Registers at the port, which may not be open yet.</summary>
    /// <param name="options">The bootstrap hosts, and our public addresses.</param>
    /// <param name="port">Sends and receives.</param>
    /// <param name="guard">Checks nodes and peers that nodes name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="DhtLog"/>.</param>
    /// <param name="names">Resolves; owned by the caller.</param>
    /// <param name="external">How others see us: nodes vote, and our ids follow.</param>
    /// <param name="path">The file of saved nodes; null: nothing is saved.</param>
    public DhtServices(
        DiscoveryOptions options,
        IDatagramPort port,
        AddressGuard guard,
        TimeProvider time,
        ILogger logger,
        HostNames names,
        ExternalAddress external,
        string? path
    )
    {
        _options = options;
        _port = port;
        _time = time;
        _logger = logger;
        _names = names;
        _path = path;
        _stopping = _stop.Token;
        Guard = guard;
        Queue = new LookupQueue(time, logger);
        _external = external;
        _services = new DhtNodeServices(port, guard, time, logger, external, this);
        external.Changed += ExternalChanged;
        port.Register(Receive);
    }

    /// <summary>The UDP port that peers are told (BEP 5); 0: none.</summary>
    public int Port => Nodes.Length > 0 ? _port.Port : 0;

    /// <summary>Nodes in the routing tables.</summary>
    public int NodeCount => Nodes.Sum(static node => node.Status.Nodes);

    /// <summary>Whether nodes have answered in the last minutes.</summary>
    public bool IsWorking => Nodes.Any(static node => node.IsWorking);

    internal AddressGuard Guard { get; }

    internal LookupQueue Queue { get; }

    internal DhtCounters Counters => _services.Counters;

    /// <summary>IPv4, IPv6 or both; empty before the start.</summary>
    internal DhtNode[] Nodes => Volatile.Read(ref _nodes);

    /// <summary>Reads what an earlier run has saved, and begins to look for nodes; the port must be open.</summary>
    public void Start()
    {
        var (ipv4, ipv6) = Load();
        List<DhtNode> nodes = [];
        if (_port.Has(AddressFamily.InterNetwork))
        {
            nodes.Add(CreateNode(AddressFamily.InterNetwork, ipv4));
        }

        if (_port.Has(AddressFamily.InterNetworkV6))
        {
            nodes.Add(CreateNode(AddressFamily.InterNetworkV6, ipv6));
        }

        if (nodes is [var first, var second])
        {
            (first.Sibling, second.Sibling) = (second, first);
        }

        Volatile.Write(ref _nodes, [.. nodes]);
        lock (_lock)
        {
            _isStarted = true;
        }

        if (nodes.Count == 0)
        {
            _logger.DhtWithoutPort();
            return;
        }

        _logger.DhtStarted(string.Join(" and ", nodes.Select(static node => node.IsIPv6 ? "IPv6" : "IPv4")), _port.Port, NodeCount);
        foreach (var node in nodes)
        {
            node.Start();
        }
    }

    /// <summary>Makes the source of one torrent; a <see cref="PeerSourceFactory"/>.</summary>
    public IPeerSource CreateSource(ISwarmPort port)
    {
        return new DhtPeerSource(this, port);
    }

    /// <summary>Nodes that a torrent names (<c>nodes</c>, BEP 5): they are asked when few are known.</summary>
    /// <param name="hosts">Host and port each; those beyond 64 in all are left out.</param>
    public void AddHosts(IEnumerable<(string Host, int Port)> hosts)
    {
        var added = false;
        lock (_lock)
        {
            foreach (var (host, port) in hosts)
            {
                var text = Join(host, port);
                if (_torrentNodes.Count < MaxHosts && !_torrentNodes.Contains(text))
                {
                    _torrentNodes.Add(text);
                    added = true;
                }
            }

            added &= _isStarted && !_isDisposed;
        }

        if (added && Nodes.Any(static node => node.Status.Good < DhtNode.FewNodes))
        {
            Background.Forget("bootstrap of the DHT", _logger, BootstrapAsync(Nodes));
        }
    }

    /// <summary>A peer says where its node listens (PORT message, BEP 5). Most are ignored: 16 are asked in a second.</summary>
    public void PeerHasNode(PeerEndPoint node)
    {
        if (node.Port == 0 || !Guard.MayDial(node, node.Address, webPorts: false))
        {
            return;
        }

        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_time.GetElapsedTime(_pingsSince, now) >= TimeSpan.FromSeconds(1))
            {
                (_pingsSince, _pings) = (now, 0);
            }

            if (!_isStarted || _isDisposed || ++_pings > MaxPings)
            {
                return;
            }
        }

        Nodes.FirstOrDefault(own => own.IsIPv6 == node.IsIPv6)?.Ping(node);
    }

    /// <summary>Our network is another one, or is back.</summary>
    public void NetworkChanged()
    {
        foreach (var node in Nodes)
        {
            node.NetworkChanged();
        }
    }

    /// <summary>Saves the tables and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        bool wasStarted;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            wasStarted = _isStarted;
        }

        _external.Changed -= ExternalChanged;
        await _stop.CancelAsync();
        Queue.Dispose();
        if (wasStarted)
        {
            await SaveAsync();
        }

        foreach (var node in Nodes)
        {
            node.Dispose();
        }

        _stop.Dispose();
    }

    void IDhtNodeOwner.BootstrapWanted(DhtNode node)
    {
        Background.Forget("bootstrap of the DHT", _logger, BootstrapAsync([node]));
    }

    void IDhtNodeOwner.SaveWanted()
    {
        _ = Background.Run("saving of DHT nodes", _logger, SaveAsync);
    }

    private static string Join(string host, int port)
    {
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host.Trim('[', ']')}]:{port}" : $"{host}:{port}";
    }

    private DhtNode CreateNode(AddressFamily family, SavedDht? saved)
    {
        var isIPv6 = family == AddressFamily.InterNetworkV6;
        var address = PublicAddress(isIPv6) ?? _external.Of(family);
        return new DhtNode(_services, isIPv6, address is null ? null : new PeerEndPoint(address, 0), saved);
    }

    private IPAddress? PublicAddress(bool isIPv6)
    {
        var family = isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        return _options.PublicAddresses.FirstOrDefault(a => a.AddressFamily == family && AddressGuard.ScopeOf(a) == AddressScope.Global);
    }

    private void ExternalChanged(object? sender, EventArgs e)
    {
        foreach (var node in Nodes.Where(node => PublicAddress(node.IsIPv6) is null)) // what the user says holds
        {
            if (_external.Of(node.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork) is { } address)
            {
                node.SeenAt(new PeerEndPoint(address, 0));
            }
        }
    }

    private bool Receive(ReadOnlySpan<byte> datagram, PeerEndPoint from)
    {
        if (!KrpcReader.LooksLikeKrpc(datagram))
        {
            return false;
        }

        foreach (var node in Nodes)
        {
            if (node.IsIPv6 == from.IsIPv6)
            {
                node.Receive(datagram, from);
            }
        }

        return true;
    }

    /// <summary>Looks up all hosts at once, and hands over every address as soon as it is there.</summary>
    private async Task BootstrapAsync(IReadOnlyList<DhtNode> nodes)
    {
        List<string> hosts;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            hosts = [.. _torrentNodes, .. _options.DhtBootstrap];
        }

        await Task.WhenAll(hosts.Select(host => BootstrapAsync(host, nodes)));
    }

    private async Task BootstrapAsync(string host, IReadOnlyList<DhtNode> nodes)
    {
        var colon = host.LastIndexOf(':');
        if (
            colon <= 0
            || !ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port == 0
        )
        {
            return; // refused when the configuration was read; of a torrent it does not matter
        }

        try
        {
            var addresses = await _names.ResolveAsync(host[..colon], _stopping);
            var endPoints = addresses
                .Select(address => new PeerEndPoint(address, port))
                .Where(endPoint => Guard.MayDial(endPoint, null, webPorts: false))
                .ToList();
            foreach (var node in nodes)
            {
                node.Bootstrap(endPoints);
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            bool isNew;
            lock (_lock)
            {
                isNew = _unresolved.Add(host);
            }

            if (isNew)
            {
                _logger.BootstrapNotFound(host, e.Message);
            }
        }
    }

    private (SavedDht? IPv4, SavedDht? IPv6) Load()
    {
        if (_path is null || !File.Exists(_path))
        {
            return default;
        }

        try
        {
            using var file = File.OpenRead(_path);
            var bytes = new byte[Math.Min(file.Length, SavedDht.MaxFileLength)];
            file.ReadExactly(bytes);
            return SavedDht.Read(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException)
        {
            _logger.DhtStateUnreadable(_path, e.Message);
            return default;
        }
    }

    private async Task SaveAsync()
    {
        if (_path is null)
        {
            return;
        }

        await _saving.WaitAsync();
        try
        {
            var bytes = SavedDht.Write(
                Nodes.FirstOrDefault(static n => !n.IsIPv6)?.Save(),
                Nodes.FirstOrDefault(static n => n.IsIPv6)?.Save()
            );
            await DurableFile.ReplaceAsync(_path, stream => stream.WriteAsync(bytes).AsTask());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.DhtStateNotSaved(_path, e.Message);
        }
        finally
        {
            _saving.Release();
        }
    }
}
