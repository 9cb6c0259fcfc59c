using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Scheduling.Tracing;
using Distribyted.BitTorrent.Storage;
using Distribyted.BitTorrent.Storage.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>One torrent of the session. It outlives its swarms; an idle one is a few small objects. Safe for use by many threads.</summary>
/// <remarks>The parts share one lock. It is taken before the lock of the swarm and never inside it.</remarks>
public sealed class Torrent : ISwarmPort, ISwarmOwner, IMetadataOwner, ISwarmLifetimeOwner
{
    private readonly TorrentServices _services;
    private readonly ISharedFolderOwner? _seedFolderOwner;
    private readonly Lock _lock = new();
    private readonly TorrentMetadata _metadata;
    private readonly TorrentDiscovery _discovery;
    private readonly KnownPeers _knownPeers;
    private readonly TorrentWebSeeds _webSeeds;
    private readonly IReadOnlyList<string> _exactSources;
    private readonly SwarmLifetime _lifetime;
    private readonly TransferCounters _counters;
    private bool _wasComplete;
    private volatile Task<int>? _recheck; // the last one; set under the lock
    private int _rechecked;

    internal Torrent(TorrentServices services, TorrentSource source, bool hasMetadata)
    {
        _services = services;
        InfoHash = source.InfoHash;
        SeedFolder = source.SeedFolder;
        _seedFolderOwner = source.SeedFolderOwner;
        _metadata = new TorrentMetadata(this, services, _lock, hasMetadata);
        _discovery = new TorrentDiscovery(services, this, _lock, source.Trackers);
        _knownPeers = new KnownPeers(source.InfoHash, services, _lock, source);
        _webSeeds = new TorrentWebSeeds(services, [.. source.WebSeeds, .. source.Metainfo?.WebSeeds ?? []]);
        _exactSources = source.ExactSources;
        _lifetime = new SwarmLifetime(this, _lock);
        _counters = new TransferCounters(services.Counters);
    }

    /// <summary>Which torrent.</summary>
    public InfoHash InfoHash { get; }

    /// <summary>Whether the metadata is here (in memory or on disk).</summary>
    public bool HasMetadata => _metadata.IsKnown;

    /// <summary>Whether its content is a folder of this machine.</summary>
    public bool IsShared => SeedFolder is not null;

    /// <summary>Whether it has a swarm: connections to peers, or looks for them.</summary>
    public bool IsActive => Swarm is not null;

    internal string? SeedFolder { get; }

    internal Swarm? Swarm => _lifetime.Swarm;

    internal LifecycleState State => _lifetime.State;

    bool ISwarmPort.IsPrivate => _metadata.IsPrivate;

    IReadOnlyList<IReadOnlyList<string>> ISwarmPort.Trackers => _discovery.Trackers;

    OwnPorts ISwarmPort.Ports => _services.Swarms.Peers.Ports;

    int ISwarmPort.WantedPeers => Swarm?.Status.WantedPeers ?? MetainfoStore.MaxPeers;

    bool ISwarmPort.IsIdle => Swarm is null;

    PeerUrgency ISwarmPort.Urgency =>
        Swarm is not { } swarm ? PeerUrgency.Regular
        : !swarm.HasMetadata ? PeerUrgency.Pending
        : swarm.Readers.IsOneBlocked ? PeerUrgency.Reader
        : PeerUrgency.Regular;

    (long Downloaded, long Uploaded, long Left) ISwarmPort.Progress => (_counters.Downloaded, _counters.Uploaded, Left);

    IReadOnlyList<IReadOnlyList<string>> IMetadataOwner.Trackers => _discovery.Trackers;

    bool IMetadataOwner.HasEnded => _lifetime.HasEnded;

    private long Left
    {
        get
        {
            const long UnknownLeft = 16384; // as libtorrent while the size is unknown: "0" would say that we seed
            var total = _metadata.TotalLength;
            return total == 0 ? UnknownLeft
                : IsShared ? Swarm?.Status.MissingBytes ?? total
                : Math.Max(0, total - _services.Store.StoredBytes(InfoHash));
        }
    }

    /// <summary>The metadata; waits for the swarm if need be, for ever. Comes from disk when it was known before. The list of files of an
    /// idle torrent is not kept in memory: callers that list often keep what they need.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public Task<TorrentInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        return _metadata.GetAsync(cancellationToken);
    }

    /// <summary>The metadata from memory or disk, without waiting for the swarm; null: it is not here.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public async Task<TorrentInfo?> TryGetInfoAsync(CancellationToken cancellationToken)
    {
        return HasMetadata ? await _metadata.LoadAsync(cancellationToken) : null;
    }

    /// <summary>Opens a reader over the torrent's bytes; activates the torrent. Any number may be open, each with a position of its own.</summary>
    /// <param name="start">First byte of the file in the torrent: the reader never looks before it.</param>
    /// <param name="length">Bytes of the file: the reader never looks beyond it, except to read ahead into the next file.</param>
    /// <param name="position">Offset in the file where reading will start.</param>
    /// <param name="expected">How many bytes the client asked for at most; null when that is not known.</param>
    /// <param name="client">Who reads, for users.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="TorrentException">The torrent was removed or has no metadata yet, or the session ends.</exception>
    public async ValueTask<TorrentReader> OpenReaderAsync(
        long start,
        long length,
        long position,
        long? expected,
        string client,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            if (!HasMetadata)
            {
                throw new TorrentException(TorrentFailure.MetadataTimeout, $"Torrent {InfoHash} has no metadata yet.");
            }

            var swarm = await ActivateAsync(cancellationToken);
            if (swarm.Readers.TryOpen(start, length, position, expected, client) is { } reader)
            {
                return reader;
            }

            // It became idle between the two lines, or its metadata is gone from disk.
            lock (_lock)
            {
                _lifetime.ThrowIfEnded();
            }
        }
    }

    /// <summary>How it is doing.</summary>
    public TorrentStatistics GetStatistics()
    {
        var swarm = Swarm;
        var (peers, seeds) = swarm?.Status.Connections ?? (0, 0);
        var readers = swarm?.Readers.Count ?? 0;
        var state =
            !HasMetadata ? TorrentState.Pending
            : swarm is null ? TorrentState.Idle
            : TorrentState.Active;
        return new TorrentStatistics(
            InfoHash,
            state,
            ReasonToWait(state, peers, readers),
            _counters.Downloaded,
            _counters.Uploaded,
            swarm is null ? TransferWindow.Empty : _counters.Window,
            peers,
            seeds,
            readers
        )
        {
            SwarmSize = _discovery.Size,
            StoredBytes = IsShared ? 0 : _services.Store.StoredBytes(InfoHash),
        };
    }

    /// <summary>What is here, run-length coded in piece order; empty while the metadata is not in memory (see <see cref="GetInfoAsync"/>).</summary>
    public IReadOnlyList<PieceRun> GetPieceRuns()
    {
        if (Swarm is { } swarm)
        {
            return swarm.Status.GetPieceRuns();
        }

        if (_metadata.InMemory is not { } info)
        {
            return [];
        }

        var stored = new byte[(info.Layout.PieceCount + 7) / 8];
        _services.Store.CopyStored(info, stored);
        var bits = Bitfield.FromBytes(stored, info.Layout.PieceCount);
        return PieceRuns.Of(info.Layout.PieceCount, p => bits[p] ? PieceStatus.Complete : PieceStatus.Waiting);
    }

    /// <summary>Where each piece is, run-length coded in piece order; empty while there is no metadata. Reads the metadata of an idle torrent from disk.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public async Task<IReadOnlyList<PieceMapRun>> GetPieceMapAsync(CancellationToken cancellationToken)
    {
        if (Swarm is { HasMetadata: true } swarm)
        {
            return swarm.Status.GetPieceMap();
        }

        if (await TryGetInfoAsync(cancellationToken) is not { } info)
        {
            return [];
        }

        var stored = new byte[(info.Layout.PieceCount + 7) / 8];
        _services.Store.CopyStored(info, stored);
        var bits = Bitfield.FromBytes(stored, info.Layout.PieceCount);
        return PieceRuns.MapOf(info.Layout.PieceCount, p => bits[p] ? PieceMapState.Have : PieceMapState.Absent);
    }

    /// <summary>Every connected peer; empty while it is idle.</summary>
    public IReadOnlyList<PeerSnapshot> GetPeers()
    {
        return Swarm?.Status.GetPeers() ?? [];
    }

    /// <summary>The file of a reader: its names joined by slashes; null: it is not known, because the metadata is not in memory.</summary>
    public string? FileOf(ReaderSnapshot reader)
    {
        if (reader.File is { } asked)
        {
            return asked;
        }

        var files = Swarm?.Info?.Files ?? _metadata.InMemory?.Files;
        return files?.FirstOrDefault(file => file.Offset == reader.Start && file.Length > 0) is { } found
            ? string.Join('/', found.Path)
            : null;
    }

    /// <summary>Every open reader, with what it waits for and why; while there is no metadata the requests that wait for it. Empty while it is idle.</summary>
    public IReadOnlyList<ReaderSnapshot> GetReaders()
    {
        return Swarm is not { } swarm ? []
            : HasMetadata ? swarm.Reports.Get(_discovery.Trouble, _services.Store.IsDiskFull)
            : [.. _services.MetadataWaits.Of(InfoHash).Select(wait => Snapshot(wait, swarm))];
    }

    /// <summary>Shows a request among the readers (<see cref="GetReaders"/>, <see cref="SessionEventKind.ReaderWaits"/>) as long as it waits for the metadata.</summary>
    /// <param name="file">What it asked for, for users: a path below the torrent, or the torrent's name.</param>
    /// <param name="client">Who asked: address and program, as far as they are known.</param>
    /// <returns>Disposed when it waits no longer.</returns>
    public IDisposable ShowMetadataWait(string file, string client)
    {
        return _services.MetadataWaits.Begin(InfoHash, file, client);
    }

    /// <summary>The sources that look for peers now; empty: none does, the torrent is idle and has nothing to give.</summary>
    public IReadOnlyList<PeerSourceSnapshot> GetPeerSources()
    {
        return _discovery.Snapshot();
    }

    /// <summary>The <c>.torrent</c> as it is kept, with all trackers that are known; null: there is no metadata.</summary>
    public async Task<byte[]?> GetFileAsync(CancellationToken cancellationToken)
    {
        return HasMetadata && await _services.Metainfo.LoadAsync(InfoHash, cancellationToken) is { } file ? file.Write() : null;
    }

    /// <summary>Announces to all trackers, and looks for peers at all other sources, as soon as their rules allow.</summary>
    /// <returns>False: no source runs, because the torrent is idle and has nothing to give.</returns>
    public bool TryReannounce()
    {
        if (!_discovery.IsRunning)
        {
            return false;
        }

        _discovery.Changed(SwarmChange.PresenceLost);
        _discovery.WantPeers();
        return true;
    }

    /// <summary>Hashes every piece on disk again, and drops those that are wrong. Readers go on meanwhile. A second call joins the first.</summary>
    /// <returns>How many were dropped.</returns>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public Task<int> RecheckAsync()
    {
        lock (_lock)
        {
            return _recheck is { IsCompleted: false } running ? running : _recheck = Task.Run(RecheckOnceAsync);
        }
    }

    /// <summary>How many pieces the check that is under way has hashed; null: none is.</summary>
    public int? Rechecked => _recheck is { IsCompleted: false } ? Volatile.Read(ref _rechecked) : null;

    /// <summary>The last events of the scheduler, a line each with columns separated by tabs: microseconds, event (<see cref="TraceKind"/>), peer, piece,
    /// block, queue, value; lines with <c>#</c> say where the connected peers are. Null: it is not active, or events are not kept
    /// (<see cref="SwarmOptions.TraceEvents"/>).</summary>
    public string? GetTrace()
    {
        return Swarm?.Status.GetTrace();
    }

    void ISwarmPort.AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin)
    {
        if (Swarm is { } swarm)
        {
            swarm.AddPeers(peers, origin);
            if (origin == PeerOrigin.LocalDiscovery)
            {
                swarm.OfferTo(peers); // it may be minutes until we announce ourselves and it dials us
            }

            return;
        }

        _knownPeers.HeardWhileIdle(peers);
        _services.OfferTo(this, peers, isLocal: origin == PeerOrigin.LocalDiscovery);
    }

    void IMetadataOwner.ThrowIfEnded()
    {
        _lifetime.ThrowIfEnded();
    }

    void IMetadataOwner.MetadataLoaded(MetainfoFile file)
    {
        _discovery.Use(file);
        _webSeeds.Add(file.WebSeeds);
    }

    void IMetadataOwner.MetadataArrived(TorrentInfo info)
    {
        if (Swarm is { } swarm)
        {
            swarm.UseMetadata(info, events => AttachPieces(info, events));
            StartWebSeeds(swarm);
        }
    }

    void IMetadataOwner.MetadataKept(TorrentInfo info)
    {
        ((IMetadataOwner)this).MetadataArrived(info);
        _discovery.Changed(SwarmChange.Metadata);
    }

    void IMetadataOwner.MetadataLost()
    {
        _services.Active.ActivateLater(this, _services.Stopping);
    }

    Swarm ISwarmLifetimeOwner.CreateSwarm()
    {
        return new Swarm(this, _services.Swarms);
    }

    async Task ISwarmLifetimeOwner.GiveMetadataAsync(Swarm swarm)
    {
        if (HasMetadata && await _metadata.LoadAsync(CancellationToken.None) is { } info)
        {
            swarm.UseMetadata(info, events => AttachPieces(info, events));
        }
    }

    void ISwarmLifetimeOwner.SwarmStarted()
    {
        _services.Active.Add(this);
        _services.Swarms.Events.Raise(new SessionEvent(SessionEventKind.TorrentActive, InfoHash, 0, TimeSpan.Zero));
    }

    async Task ISwarmLifetimeOwner.KeepAsync(Swarm swarm)
    {
        if (HasMetadata)
        {
            await _knownPeers.KeepAsync(swarm.Status.BestPeers);
        }
    }

    void ISwarmLifetimeOwner.SwarmStopped()
    {
        _services.Active.Remove(this);
        _services.Swarms.Events.Raise(new SessionEvent(SessionEventKind.TorrentIdle, InfoHash, 0, TimeSpan.Zero));
    }

    void ISwarmOwner.CountDownload(int bytes)
    {
        _counters.AddDownload(bytes);
    }

    void ISwarmOwner.CountUpload(long bytes)
    {
        _counters.AddUpload(bytes);
    }

    /// <summary>Keeps the peers that serve us for the next start, in case the process is killed. Returns at once.</summary>
    void ISwarmOwner.KeepPeers(IReadOnlyList<PeerEndPoint> peers)
    {
        Background.Forget("keeping of peers", _services.Log, Task.Run(() => _knownPeers.KeepAsync(peers)));
    }

    /// <summary>A reader waits and no peer serves it: trackers are asked as soon as they allow it.</summary>
    void ISwarmOwner.PeersWanted()
    {
        _discovery.WantPeers();
    }

    /// <summary>The metadata came from the swarm: its hash is right. Called inside the swarm's lock, so the work is done elsewhere.</summary>
    void ISwarmOwner.MetadataReceived(byte[] bytes)
    {
        Background.Forget("keeping of metadata", _services.Log, Task.Run(() => _metadata.ReceivedAsync(bytes)));
    }

    /// <summary>The last missing piece is stored: trackers are told, once in a run.</summary>
    void ISwarmOwner.BecameWhole()
    {
        if (!IsShared && !Interlocked.Exchange(ref _wasComplete, true))
        {
            _discovery.Changed(SwarmChange.Completed);
        }
    }

    /// <summary>This machine slept, was stopped, or has other addresses: see <see cref="Swarm.WorldReturned"/>.</summary>
    /// <param name="isForgotten">Whether trackers may have forgotten us, or know an old address.</param>
    internal void WorldReturned(bool isForgotten)
    {
        Swarm?.WorldReturned();
        _discovery.Changed(isForgotten ? SwarmChange.PresenceLost : SwarmChange.NetworkReturned);
    }

    /// <inheritdoc cref="TorrentDiscovery.SourcesFound"/>
    internal void SourcesFound()
    {
        _discovery.SourcesFound();
    }

    /// <summary>There are more trackers for public torrents than before.</summary>
    internal void TrackersChanged()
    {
        _discovery.Changed(SwarmChange.Trackers);
    }

    /// <summary>Peers reach us on another port than before.</summary>
    internal void PortChanged()
    {
        _discovery.Changed(SwarmChange.PresenceLost);
    }

    /// <inheritdoc cref="TransferCounters.CloseWindow"/>
    internal void CloseWindow(TimeSpan length)
    {
        _counters.CloseWindow(length);
    }

    /// <summary>More trackers and peers for a torrent that is known already.</summary>
    /// <param name="source">What it was added with now.</param>
    /// <param name="kept">Its file with the trackers from now on; null: they are those of the source as well.</param>
    internal void Merge(TorrentSource source, MetainfoFile? kept)
    {
        if (kept is { Info.IsPrivate: true })
        {
            _metadata.Remember(kept.Info); // sources of peers must know that it is private
        }

        _discovery.Add(source.Trackers, kept);
        _knownPeers.Add(source);
        _webSeeds.Add([.. source.WebSeeds, .. source.Metainfo?.WebSeeds ?? []]);
        if (Swarm is { } swarm)
        {
            swarm.AddPeers(source.Peers, PeerOrigin.Magnet);
            _knownPeers.DialHosts(swarm, source.PeerHosts, IsCurrent);
            StartWebSeeds(swarm);
            FetchMetadata(swarm, source.ExactSources);
        }
    }

    /// <summary>The metadata came with a file, and is on disk.</summary>
    internal void UseMetadata(TorrentInfo info)
    {
        _metadata.Kept(info);
    }

    /// <summary>Activates the torrent, or joins an activation that is under way; it looks for peers from now on.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    internal async ValueTask<Swarm> ActivateAsync(CancellationToken cancellationToken)
    {
        var swarm = await ActivateToServeAsync(cancellationToken);
        if (swarm.TryStartLooking())
        {
            await LookForPeersAsync(swarm).WaitAsync(cancellationToken);
        }

        return swarm;
    }

    /// <summary>Activates the torrent for a peer that wants its pieces: unless it looks for peers already, it dials none and asks no tracker.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    internal ValueTask<Swarm> ActivateToServeAsync(CancellationToken cancellationToken)
    {
        return _lifetime.ActivateAsync(cancellationToken);
    }

    /// <summary>Whether the torrent was not used for long enough to become idle.</summary>
    internal bool MayDeactivate(long now, long after)
    {
        return !IsShared && HasMetadata && Swarm is { } swarm && swarm.Status.IsIdle(now, after);
    }

    /// <summary>Gives up sockets and memory; with pieces trackers go on hearing of us.</summary>
    internal async Task DeactivateAsync()
    {
        if (await _lifetime.TryDeactivateAsync())
        {
            await StopAnnouncingIdleAsync();
        }
    }

    /// <summary>Announces without activating: the torrent is idle, but has pieces to give.</summary>
    internal async Task AnnounceIdleAsync(CancellationToken cancellationToken)
    {
        var info = await _metadata.LoadAsync(cancellationToken);
        lock (_lock)
        {
            if (!_lifetime.HasEnded && info is not null)
            {
                _discovery.Start();
            }
        }
    }

    /// <summary>Sends <c>stopped</c> to the trackers when the torrent is idle without pieces: they were evicted, or it never had any.</summary>
    internal Task StopAnnouncingIdleAsync()
    {
        return _discovery.StopAsync(
            () => _lifetime.State is LifecycleState.Starting or LifecycleState.Active || _services.Store.HasPieces(InfoHash),
            CancellationToken.None
        );
    }

    /// <summary>Sends <c>stopped</c> to the trackers, as long as the token lets it.</summary>
    internal Task StopAnnouncingAsync(CancellationToken cancellationToken)
    {
        return _discovery.StopAsync(null, cancellationToken);
    }

    /// <summary>The end: readers fail, connections and pieces are closed.</summary>
    /// <param name="why"><see cref="LifecycleEvent.Close"/> or <see cref="LifecycleEvent.Remove"/>.</param>
    internal async Task EndAsync(LifecycleEvent why)
    {
        try
        {
            await _lifetime.EndAsync(why);
        }
        finally
        {
            _metadata.Fail(_lifetime.EndedError());
        }
    }

    private ReaderSnapshot Snapshot(MetadataWait wait, Swarm swarm)
    {
        return ReaderSnapshot.OfMetadataWait(
            wait.Id,
            wait.File,
            wait.Client,
            wait.Waited,
            new WaitFacts(-1)
            {
                HasMetadata = false,
                Waited = wait.Waited,
                Peers = swarm.Status.Connections.Peers,
                SourceTrouble = _discovery.Trouble,
            }
        );
    }

    private async Task<int> RecheckOnceAsync()
    {
        Volatile.Write(ref _rechecked, 0);
        var swarm = await ActivateToServeAsync(_services.Stopping);
        return await swarm.RecheckAsync(done => Volatile.Write(ref _rechecked, done));
    }

    private bool IsCurrent(Swarm swarm)
    {
        return Swarm == swarm;
    }

    private async Task LookForPeersAsync(Swarm swarm)
    {
        var remembered = HasMetadata ? await _knownPeers.LoadAsync() : [];
        bool hasBegun;
        lock (_lock)
        {
            _lifetime.ThrowIfEnded();
            hasBegun = _discovery.Start();
        }

        if (!hasBegun)
        {
            _discovery.WantPeers();
        }

        _knownPeers.GiveTo(swarm, remembered, IsCurrent);
        StartWebSeeds(swarm);
        FetchMetadata(swarm, _exactSources);
    }

    private void FetchMetadata(Swarm swarm, IReadOnlyList<string> sources)
    {
        if (!HasMetadata && sources.Count > 0)
        {
            Background.Forget("exact source", _services.Log, Task.Run(() => FetchMetadataAsync(swarm, sources)));
        }
    }

    private async Task FetchMetadataAsync(Swarm swarm, IReadOnlyList<string> sources)
    {
        var exact = new ExactSources(InfoHash, _services);
        if (await exact.FetchAsync(sources, () => !HasMetadata, swarm.Ending) is { } info && !HasMetadata)
        {
            await _metadata.ReceivedAsync(info);
        }
    }

    /// <summary>Content comes from web seeds, metadata does not: they take part as soon as there are pieces, and while the swarm looks for peers.</summary>
    private void StartWebSeeds(Swarm swarm)
    {
        if (swarm is { IsLooking: true, Info: { } info } && !IsShared)
        {
            _webSeeds.Start(swarm, info);
        }
    }

    private ITorrentPieces AttachPieces(TorrentInfo info, IPieceEvents events)
    {
        _metadata.Remember(info);
        if (SeedFolder is not null)
        {
            return PieceStorage.OpenSeedFolder(
                info,
                SeedFolder,
                events,
                _seedFolderOwner is null ? null : _seedFolderOwner.PiecesMissing,
                _seedFolderOwner is null ? null : _seedFolderOwner.PieceChanged,
                _services.Time,
                _services.Log
            );
        }

        var pieces = _services.Store.Attach(info, events);
        _wasComplete |= pieces.StoredCount == info.Layout.PieceCount;
        return pieces;
    }

    private string? ReasonToWait(TorrentState state, int peers, int readers)
    {
        var wants = state == TorrentState.Pending || (state == TorrentState.Active && readers > 0 && peers == 0);
        if (!wants)
        {
            return null;
        }

        if (state == TorrentState.Pending && _metadata.Trouble is { } metadataTrouble)
        {
            return metadataTrouble;
        }

        if (state == TorrentState.Pending && Swarm?.Status.WrongMetadata is { } wrong)
        {
            return $"waits for metadata: {wrong}";
        }

        var what = state == TorrentState.Pending ? "metadata" : "peers";
        return peers > 0 ? $"waits for {what} from {peers} peers"
            : _webSeeds.Trouble is { } seeds ? $"waits for {what}: {seeds}"
            : _discovery.Trouble is { } trouble ? $"waits for {what}: {trouble}"
            : _discovery.Size is { } size ? $"waits for {what}: trackers count {size.Seeders} seeders and {size.Leechers} leechers"
            : $"waits for {what}";
    }
}
