using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Discovery.LocalDiscovery;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.PortMapping;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport.Udp;
using Distribyted.BitTorrent.Transport.Utp;

namespace Distribyted.BitTorrent;

/// <summary>How a session finds peers and is found besides trackers: µTP, the DHT, local discovery, port mapping, the list of trackers. None of it exists before
/// <see cref="Start"/>. Safe for use by many threads.</summary>
/// <remarks>Until then datagrams wait in the UDP port, which is open, and the nodes that torrents and peers name wait here.</remarks>
internal sealed class SessionDiscovery : IAsyncDisposable
{
    private const int MaxEarlyNodes = 64;

    private readonly BitTorrentOptions _options;
    private readonly SwarmServices _swarms;
    private readonly UdpPort _datagrams;
    private readonly HostNames _names;
    private readonly OutgoingHttp _http;
    private readonly TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new(); // held while parts are made: the end waits for it

    // Written under _lock.
    private readonly List<(string Host, int Port)> _earlyHosts = []; // that torrents named before the start
    private readonly List<PeerEndPoint> _earlyNodes = []; // that peers named before the start
    private ExtraTrackerList? _extraTrackers;
    private DhtServices? _dht; // null: not started, or switched off; as the others
    private LocalDiscoveryServices? _local;
    private PortMapper? _ports;
    private UtpSockets? _utp;
    private volatile bool _isStarted;
    private bool _isEnded;

    /// <param name="options">What is switched off.</param>
    /// <param name="swarms">Of the session.</param>
    /// <param name="datagrams">The UDP port of peers.</param>
    /// <param name="names">Resolves; owned by the caller.</param>
    /// <param name="http">Fetches the list of trackers.</param>
    public SessionDiscovery(BitTorrentOptions options, SwarmServices swarms, UdpPort datagrams, HostNames names, OutgoingHttp http)
    {
        _options = options;
        _swarms = swarms;
        _datagrams = datagrams;
        _names = names;
        _http = http;
    }

    /// <summary>Ends when a torrent was added that finds no peers without it.</summary>
    public Task Wanted => _wanted.Task;

    /// <summary>The trackers that public torrents ask besides their own.</summary>
    public IReadOnlyList<string> ExtraTrackers => _extraTrackers?.Current ?? _options.Discovery.ExtraTrackers;

    /// <summary>Whether it was started.</summary>
    public bool IsStarted => _isStarted;

    /// <summary>When it was started, by the clock's timestamps.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Nodes in the tables of the DHT.</summary>
    public int DhtNodes => Volatile.Read(ref _dht)?.NodeCount ?? 0;

    /// <summary>Our port at the routers; null: not started, or switched off.</summary>
    public PortMapper? Ports => Volatile.Read(ref _ports);

    /// <summary>Makes all parts that are not switched off, and starts them. Does nothing when it was started, or has ended.</summary>
    /// <param name="port">The TCP and UDP port that peers reach us on.</param>
    /// <param name="owner">The session.</param>
    public void Start(int port, IDiscoveryOwner owner)
    {
        lock (_lock)
        {
            if (_isStarted || _isEnded)
            {
                return;
            }

            StartedAt = _swarms.Clock.Time.GetTimestamp();
            _isStarted = true;
            List<PeerSourceFactory> sources = [];
            if (!_options.Transport.DisableUtp)
            {
                _utp = new UtpSockets(_datagrams, _swarms.Clock.Time, _swarms.Log);
                _utp.Start(owner.Accept);
                _swarms.Peers.Utp = _utp;
            }

            if (!_options.Discovery.DisableDht)
            {
                _dht = CreateDht();
                sources.Add(_dht.CreateSource);
            }

            _datagrams.Start(error => _swarms.Log.ReceiveFailed(error.Message));
            _dht?.Start();
            _earlyNodes.ForEach(node => _dht?.PeerHasNode(node));
            if (!_options.Transport.DisableLsd)
            {
                _local = new LocalDiscoveryServices(_options.Transport, _swarms.Clock.Time, _swarms.Log);
                sources.Add(_local.CreateSource);
            }

            owner.SourcesFound(sources);
            if (_options.Discovery.ExtraTrackersUrl.Length > 0)
            {
                _extraTrackers = new ExtraTrackerList(_options.Discovery, _options.MetadataFolder, _http, _swarms.Clock.Time, _swarms.Log);
                _extraTrackers.Start(owner.TrackersChanged);
            }

            if (!_options.Discovery.DisablePortMapping)
            {
                _ports = new PortMapper(_options.Discovery, _options.Transport, _swarms.Clock.Time, _swarms.Log);
                _ports.Start(port, owner.PortsChanged);
            }
        }
    }

    /// <summary>A torrent without trackers has no other way to find peers: it does not wait for the start's own time.</summary>
    public void Want()
    {
        _wanted.TrySetResult();
    }

    /// <summary>Nodes of the DHT that a torrent names (<c>nodes</c>, BEP 5).</summary>
    public void AddDhtHosts(IReadOnlyList<(string Host, int Port)> hosts)
    {
        lock (_lock)
        {
            if (!_isStarted)
            {
                _earlyHosts.AddRange(hosts.Take(MaxEarlyNodes - _earlyHosts.Count));
                return;
            }
        }

        _dht?.AddHosts(hosts);
    }

    /// <summary>A peer says where its node of the DHT listens (PORT message, BEP 5).</summary>
    public void PeerHasNode(PeerEndPoint node)
    {
        lock (_lock)
        {
            if (!_isStarted)
            {
                if (_earlyNodes.Count < MaxEarlyNodes)
                {
                    _earlyNodes.Add(node);
                }

                return;
            }
        }

        _dht?.PeerHasNode(node);
    }

    /// <summary>This machine has other addresses, or was stopped for a while.</summary>
    public void NetworkChanged()
    {
        _local?.NetworkChanged();
        _ports?.NetworkChanged();
        _dht?.NetworkChanged();
    }

    /// <summary>Removes the mappings of our port, as far as the token leaves time, and fetches no list any more. Nothing is started after it. Throws nothing.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isEnded = true;
        }

        if (_extraTrackers is not null)
        {
            await _extraTrackers.DisposeAsync();
        }

        if (_ports is not null)
        {
            await _ports.StopAsync(cancellationToken);
        }
    }

    /// <summary>Ends all of it. After <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_dht is not null)
        {
            await _dht.DisposeAsync();
        }

        if (_local is not null)
        {
            await _local.DisposeAsync();
        }

        _utp?.Dispose();
    }

    private DhtServices CreateDht()
    {
        var dht = new DhtServices(
            _options.Discovery,
            _datagrams,
            _swarms.Guard,
            _swarms.Clock.Time,
            _swarms.Log,
            _names,
            _swarms.External,
            Path.Combine(_options.MetadataFolder, "dht")
        );
        dht.AddHosts(_earlyHosts);
        return dht;
    }
}
