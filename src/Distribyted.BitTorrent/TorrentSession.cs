using System.Collections.Concurrent;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage;
using Distribyted.BitTorrent.Storage.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Udp;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent;

/// <summary>The engine: all torrents, the listener, the piece cache. One for the process. Safe for use by many threads.</summary>
public sealed class TorrentSession : IDiscoveryOwner, IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3); // for telling trackers that we are gone

    private readonly BitTorrentOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<InfoHash, Torrent> _torrents = new();
    private readonly ConcurrentDictionary<InfoHash, Task> _removals = new(); // under way
    private readonly CancellationTokenSource _stop = new();
    private readonly TransferCounters _counters = new();
    private readonly AddressGuard _guard;
    private readonly HostNames _names;
    private readonly OutgoingHttp _http;
    private readonly UdpPort _datagrams;
    private readonly ReachReport _reachReport;
    private readonly Lock _portLock = new(); // guards the port that peers are told
    private IPieceStore? _store;
    private (Func<long> OldestUse, Func<bool> Evict)? _shared;
    private MetainfoStore? _metainfo;
    private MetainfoKeeper? _keeper;
    private TrackerServices? _trackers;
    private SessionDiscovery? _discovery;
    private PeerListener? _listener;
    private TorrentServices? _services;
    private SessionHeartbeat? _heartbeat;
    private bool _isDisposed;

    /// <summary>Makes the engine; nothing is opened before <see cref="StartAsync"/>.</summary>
    public TorrentSession(BitTorrentOptions options, ILoggerFactory loggers, TimeProvider time)
        : this(options, loggers, time, null) { }

    /// <param name="options">As the user set them.</param>
    /// <param name="loggers">For everything the engine says.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">Looks one host name up; null: the system.</param>
    internal TorrentSession(
        BitTorrentOptions options,
        ILoggerFactory loggers,
        TimeProvider time,
        Func<string, Task<System.Net.IPAddress[]>>? resolve
    )
    {
        _options = options;
        _time = time;
        Log = loggers.CreateLogger("Distribyted.BitTorrent");
        _guard = new AddressGuard(
            options.Transport,
            [.. options.Discovery.ExtraTrackers, options.Discovery.ExtraTrackersUrl, .. options.Discovery.OtherLists]
        );
        _names = new HostNames(time, resolve, Log);
        _http = new OutgoingHttp(options.Transport, _guard, _names, time);
        _datagrams = new UdpPort(options.Transport, time);
        _reachReport = new ReachReport(options, Log);
        Services = new SwarmServices(options.Swarm, options.Transport, options.Cache, new MonotonicClock(time), Log, _guard);
    }

    /// <summary>TCP and UDP port that peers reach us on; 0 before the start.</summary>
    public int ListenPort => _listener?.Port ?? 0;

    /// <summary>Why peers from the internet cannot reach us, to be shown to a user; null: they can, or it is not known. Says no addresses.</summary>
    public string? ReachTrouble => _discovery is { IsStarted: true } && Reach is { IsTrouble: true } reach ? reach.Text : null;

    /// <summary>Whether a torrent has a swarm now.</summary>
    public bool HasActive => Torrents.Active.All.Any();

    /// <summary>Ends when a torrent was added that finds no peers before <see cref="StartDiscovery"/>: its link names no tracker. Not before the start.</summary>
    public Task DiscoveryWanted => _discovery?.Wanted ?? throw new InvalidOperationException("The session was not started.");

    /// <summary>The engine right now.</summary>
    public SessionStatistics Statistics
    {
        get
        {
            var (items, filled, _) = _store?.Usage ?? default;
            return new SessionStatistics(
                items,
                filled,
                _options.Cache.Size < 0 ? -1 : _options.Cache.Size,
                _counters.Downloaded,
                _counters.Uploaded,
                _counters.Window,
                Services.Connections.Taken
            )
            {
                Verified = Services.Counters.Verified,
                Wasted = Services.Counters.Unwanted + Services.Counters.Wrong,
                MaxConnections = _options.Swarm.MaxConnections,
                Torrents = _torrents.Count,
                ActiveTorrents = _services?.Active.All.Count() ?? 0,
                IsDiskFull = _store?.IsDiskFull ?? false,
                DhtNodes = _options.Discovery.DisableDht ? null : _discovery?.DhtNodes ?? 0,
            };
        }
    }

    /// <summary>Bytes that the disk of the piece cache has free; null: the system does not say. Asks the system.</summary>
    public long? FreeDisk => DiskSpace.FreeAt(_options.CacheFolder);

    internal ILogger Log { get; }

    internal SwarmServices Services { get; }

    /// <summary>What its torrents share; exists from the start on.</summary>
    internal TorrentServices Torrents => _services ?? throw new InvalidOperationException("The session was not started.");

    private bool UsesUdp => !_options.Discovery.DisableDht || !_options.Transport.DisableUtp;

    private Reach Reach =>
        Reach.Of(_listener is { WasReached: true }, _listener is { WasReachedOverIPv4: true }, _discovery?.Ports?.Status);

    private IPieceStore Store => Torrents.Store;

    private MetainfoStore Metainfo => Torrents.Metainfo;

    /// <summary>Opens the cache and the port of peers. Knows no torrents yet. Those that are added ask their trackers; for all else there is
    /// <see cref="StartDiscovery"/>.</summary>
    /// <exception cref="IOException">The port or the folder cannot be had; the message names it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_options.MetadataFolder);
        _metainfo = MetainfoStore.Open(_options.MetadataFolder, Log);
        _store = await PieceStorage.OpenCacheAsync(_options.Cache with { Folder = _options.CacheFolder }, _time, Log, cancellationToken);
        if (_shared is var (oldestUse, evict))
        {
            _store.Share(oldestUse, evict);
        }

        _store.Emptied = hash => Background.Forget("end of announces", Log, StopAnnouncingIdleAsync(hash));
        Services.Capacity = () => _store.Usage.Capacity is >= 0 and var capacity ? capacity : long.MaxValue;
        _keeper = new MetainfoKeeper(_metainfo);
        _discovery = new SessionDiscovery(_options, Services, _datagrams, _names, _http);
        _trackers = new TrackerServices(_options.Discovery, _options.Transport, Services.TrackerPeerId, _guard, _time, Log, _names)
        {
            External = Services.External,
            ExtraTrackers = () => _discovery.ExtraTrackers,
        };
        _listener = new PeerListener(Services.Peers, _options.Discovery.PublicPort, UsesUdp ? _datagrams : null, FindForPeerAsync);
        _services = new TorrentServices
        {
            Swarms = Services,
            Store = _store,
            Metainfo = _metainfo,
            PeerSources = [_trackers.CreateAnnouncer],
            Names = _names,
            Http = _http,
            Active = new ActiveTorrents(Log),
            Counters = _counters,
            IsUnreached = () => _options.Swarm.Seed && _listener is { WasReached: false },
            Stopping = _stop.Token,
        };
        if (!_options.Discovery.DisableDht)
        {
            Services.Peers.NodeNamed = _discovery.PeerHasNode;
        }

        _listener.Start();
        _heartbeat = new SessionHeartbeat(_services, _options.HibernateAfter, WorldReturned, ReportReach);
    }

    /// <summary>Names who else keeps bytes within the limit of the piece cache, see <see cref="IPieceStore.Share"/>. Before the start.</summary>
    public void ShareCache(Func<long> oldestUse, Func<bool> evict)
    {
        _shared = (oldestUse, evict);
    }

    /// <summary>Reserves bytes on disk for others within the limit of the piece cache, see <see cref="IPieceStore.TryReserve"/>. Null: there is no space now, or the
    /// cache is not open.</summary>
    public IDisposable? TryReserveInCache(long bytes)
    {
        return _store?.TryReserve(bytes);
    }

    /// <summary>Starts what finds peers besides trackers, and lets peers find us: the DHT, µTP, local discovery, port mapping, the list of trackers. Torrents
    /// that are here already get it, too. A second call does nothing.</summary>
    /// <remarks>Apart from <see cref="StartAsync"/>, since it costs some 50 ms of CPU time, which users need not wait for.</remarks>
    public void StartDiscovery()
    {
        _discovery!.Start(ListenPort, this);
    }

    /// <inheritdoc cref="OutgoingHttp.FetchTextAsync"/>
    public Task<(byte[]? Text, string? Trouble)> FetchTextAsync(
        Uri uri,
        int maxLength,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        return _http.FetchTextAsync(uri, maxLength, patience, cancellationToken);
    }

    /// <summary>Fetches the <c>.torrent</c> that a user named by its address. Places of our own network are refused unless <c>security.outgoing_allow</c>
    /// names them, also after redirects and whatever the name resolves to. Throws only for the caller's token.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="patience">Time for all of it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The bytes, which are not checked, or why there are none, for users.</returns>
    public Task<(byte[]? File, string? Trouble)> FetchTorrentAsync(Uri uri, TimeSpan patience, CancellationToken cancellationToken)
    {
        return _http.FetchAsync(uri, RequestPurpose.WebSeed, MetainfoFile.MaxLength, patience, cancellationToken);
    }

    /// <summary>Adds a torrent, or adds trackers and peers to one that is known. Metadata in the source, and trackers that are new for metadata
    /// which is here, are on disk when this returns.
    /// Never waits for the swarm; without metadata the search for it starts in the background and goes on for ever.</summary>
    public async Task<Torrent> AddAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        if (_removals.TryGetValue(source.InfoHash, out var removal))
        {
            await removal.WaitAsync(cancellationToken); // removed a moment ago: its pieces and metadata must be gone first
        }

        if (source.Metainfo is { Nodes.Count: > 0, Info.IsPrivate: false } file)
        {
            _discovery!.AddDhtHosts(file.Nodes);
        }

        if (source.Metainfo is null && source.Trackers.Count == 0)
        {
            _discovery!.Want();
        }

        var kept = await _keeper!.KeepAsync(source, cancellationToken);
        var torrent = GetOrAdd(source, out var isNew);
        if (!isNew)
        {
            torrent.Merge(source, kept);
            if (source.Metainfo is not null && !torrent.HasMetadata)
            {
                torrent.UseMetadata(source.Metainfo.Info);
            }
        }

        if (!torrent.HasMetadata || torrent.IsShared)
        {
            Torrents.Active.ActivateLater(torrent, _stop.Token);
        }
        else if (isNew && Store.HasPieces(torrent.InfoHash))
        {
            Background.Forget("announce of a torrent", Log, AnnounceIdleAsync(torrent));
        }

        return torrent;
    }

    /// <summary>Keeps the metadata of torrents that are about to be added, all at once, so that each <see cref="AddAsync"/> finds it on disk. What is
    /// not added then is dropped at the next start.</summary>
    /// <exception cref="IOException">Not all of it could be kept.</exception>
    public Task KeepMetadataAsync(IEnumerable<TorrentSource> sources, CancellationToken cancellationToken)
    {
        return _keeper!.KeepAllAsync(sources, cancellationToken);
    }

    /// <summary>Adds many torrents at start, quickly: some small objects each. Those whose metadata is on disk are idle; the others begin to look for it.</summary>
    public void AddKnown(IEnumerable<TorrentSource> known)
    {
        List<Torrent> waiting = [];
        List<Torrent> giving = [];
        foreach (var source in known)
        {
            var torrent = GetOrAdd(source, out var isNew);
            if (!isNew)
            {
                torrent.Merge(source, kept: null);
            }
            else if (!torrent.HasMetadata || torrent.IsShared)
            {
                waiting.Add(torrent);
            }
            else if (Store.HasPieces(torrent.InfoHash))
            {
                giving.Add(torrent);
            }
        }

        foreach (var torrent in waiting)
        {
            Torrents.Active.ActivateLater(torrent, _stop.Token);
        }

        Background.Forget("announces at start", Log, AnnounceOneByOneAsync(giving));
    }

    /// <summary>Deletes the metadata of torrents that are not known: a crash came between writing it and writing down whose it is.</summary>
    public void DropStrayMetadata()
    {
        foreach (var hash in Metainfo.All.Where(hash => !_torrents.ContainsKey(hash)).ToList())
        {
            Metainfo.Delete(hash);
            Log.StrayMetadataDropped(hash);
        }
    }

    /// <summary>Sets who is told of waits of readers, and of torrents that become active and idle. One receiver; null: none.</summary>
    /// <param name="receiver">Called inside locks of the engine, so it only notes the event: it calls nothing of the engine, and does not wait.</param>
    public void Watch(Action<SessionEvent>? receiver)
    {
        Services.Events.PassTo(receiver);
    }

    /// <summary>The torrents that have a swarm now.</summary>
    public IReadOnlyList<Torrent> ActiveTorrents => [.. Torrents.Active.All];

    /// <summary>The torrent of this hash, or null.</summary>
    public Torrent? Find(InfoHash hash)
    {
        return _torrents.GetValueOrDefault(hash);
    }

    /// <summary>Removes a torrent: readers fail, trackers are told, its metadata is deleted, and with <paramref name="pieces"/> its pieces as well.</summary>
    public async Task RemoveAsync(InfoHash hash, bool pieces, CancellationToken cancellationToken)
    {
        if (!_torrents.TryRemove(hash, out var torrent))
        {
            return;
        }

        ForgetObfuscated(hash);
        var removal = RemoveAsync(torrent, pieces);
        _removals[hash] = removal;
        try
        {
            await removal.WaitAsync(cancellationToken);
        }
        finally
        {
            _removals.TryRemove(new KeyValuePair<InfoHash, Task>(hash, removal));
            using var deadline = new CancellationTokenSource(StopTime, _time);
            await torrent.StopAnnouncingAsync(deadline.Token); // also when its files could not be deleted: later nothing could end its announces
        }
    }

    /// <summary>Closes connections, tells trackers that we are gone (at most 3 s), flushes the cache. Torrents are not removed by it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync();
        if (_heartbeat is not null)
        {
            await _heartbeat.DisposeAsync();
        }

        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        using (var deadline = new CancellationTokenSource(StopTime, _time))
        {
            await Task.WhenAll(
                _torrents
                    .Values.Select(t => t.StopAnnouncingAsync(deadline.Token))
                    .Concat(_torrents.Values.Select(static t => t.EndAsync(LifecycleEvent.Close)))
                    .Append(_discovery?.StopAsync(deadline.Token) ?? Task.CompletedTask)
            );
        }

        if (_trackers is not null)
        {
            await _trackers.DisposeAsync();
        }

        if (_discovery is not null)
        {
            await _discovery.DisposeAsync();
        }

        await _datagrams.DisposeAsync();

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _names.Dispose();
        Services.Dispose();
        _stop.Dispose();
    }

    /// <summary>This machine was stopped, or has another address: all that is known about networks and peers is checked again.</summary>
    /// <param name="isForgotten">Whether trackers may have forgotten us, or know an old address.</param>
    internal void WorldReturned(bool isForgotten)
    {
        Services.Peers.Network.Reset();
        Services.External.ForgetVotes();
        _trackers!.NetworkChanged();
        _discovery!.NetworkChanged();
        foreach (var (_, torrent) in _torrents)
        {
            try
            {
                torrent.WorldReturned(isForgotten);
            }
            catch (Exception e)
            {
                Log.TorrentWorkFailed(torrent.InfoHash, "check after a stop or with a new address", e);
            }
        }
    }

    /// <summary>Once a second.</summary>
    private void ReportReach()
    {
        if (_discovery is { IsStarted: true })
        {
            _reachReport.Look(ListenPort, _discovery.DhtNodes, Reach, _time.GetElapsedTime(_discovery.StartedAt));
        }
    }

    void IDiscoveryOwner.Accept(IPeerTransport transport)
    {
        _listener!.Accept(transport);
    }

    void IDiscoveryOwner.SourcesFound(IReadOnlyList<PeerSourceFactory> sources)
    {
        Torrents.PeerSources = [.. Torrents.PeerSources, .. sources]; // first: torrents that become active from now on have them
        foreach (var (_, torrent) in _torrents)
        {
            torrent.SourcesFound();
        }
    }

    void IDiscoveryOwner.TrackersChanged()
    {
        foreach (var (_, torrent) in _torrents)
        {
            torrent.TrackersChanged();
        }
    }

    /// <summary>Peers on the internet are told the port that a router has mapped, unless the user named one. With another one than before trackers are told at once.
    /// How the router sees us is put to the vote.</summary>
    void IDiscoveryOwner.PortsChanged()
    {
        var ports = _discovery!.Ports!;
        foreach (var address in ports.ExternalAddresses)
        {
            Services.External.Vote(address, address); // the router has one vote, as who it is for others
        }

        lock (_portLock)
        {
            var told = OwnPorts.Of(ListenPort, ports.ExternalPort, _options.Discovery.PublicPort);
            if (Services.Peers.Ports == told)
            {
                return;
            }

            Services.Peers.Ports = told;
        }

        foreach (var (_, torrent) in _torrents)
        {
            torrent.PortChanged();
        }
    }

    private async Task RemoveAsync(Torrent torrent, bool pieces)
    {
        await torrent.EndAsync(LifecycleEvent.Remove);
        if (pieces)
        {
            Store.Remove(torrent.InfoHash);
        }

        Metainfo.Delete(torrent.InfoHash);
    }

    private Torrent GetOrAdd(TorrentSource source, out bool isNew)
    {
        var made = new Torrent(Torrents, source, Metainfo.Exists(source.InfoHash));
        var torrent = _torrents.GetOrAdd(source.InfoHash, made);
        isNew = torrent == made;
        if (isNew)
        {
            Services.Peers.ObfuscatedHashes.Add(source.InfoHash);
        }

        return torrent;
    }

    private void ForgetObfuscated(InfoHash hash)
    {
        Services.Peers.ObfuscatedHashes.Remove(hash);
        if (_torrents.ContainsKey(hash))
        {
            Services.Peers.ObfuscatedHashes.Add(hash); // added again meanwhile
        }
    }

    /// <summary>For the listener: the swarm that an incoming connection is for; null: the connection is not wanted.</summary>
    private async ValueTask<IPeerOwner?> FindForPeerAsync(InfoHash hash)
    {
        if (!_torrents.TryGetValue(hash, out var torrent))
        {
            return null;
        }

        if (torrent.Swarm is { } active)
        {
            return active;
        }

        if (torrent.IsShared)
        {
            return await torrent.ActivateAsync(_stop.Token);
        }

        if (!Store.HasPieces(hash) || !Torrents.Active.MayActivateForPeer())
        {
            return null;
        }

        return await torrent.ActivateToServeAsync(_stop.Token);
    }

    private async Task AnnounceIdleAsync(Torrent torrent)
    {
        try
        {
            await torrent.AnnounceIdleAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
        catch (Exception e)
        {
            Log.AnnounceNotStarted(torrent.InfoHash, e.Message);
        }
    }

    private async Task StopAnnouncingIdleAsync(InfoHash hash)
    {
        try
        {
            await (Find(hash)?.StopAnnouncingIdleAsync() ?? Task.CompletedTask);
        }
        catch (Exception e)
        {
            Log.TorrentWorkFailed(hash, "end of announces", e);
        }
    }

    private async Task AnnounceOneByOneAsync(List<Torrent> torrents)
    {
        await Task.Yield();
        foreach (var torrent in torrents)
        {
            await AnnounceIdleAsync(torrent);
        }
    }
}
