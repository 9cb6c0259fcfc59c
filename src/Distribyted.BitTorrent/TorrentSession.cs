using System.Collections.Concurrent;
using Distribyted.BitTorrent.Discovery;
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
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent;

/// <summary>The engine: all torrents, the listener, the piece cache. One for the process. Safe for use by many threads.</summary>
public sealed class TorrentSession : IAsyncDisposable
{
    internal static readonly TimeSpan WindowLength = TimeSpan.FromSeconds(2);

    private const int MaxPeerWakes = 10; // a second: unknown peers may not wake the whole library
    private const int MaxAwakeForPeers = 200;
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10); // trackers drop who is silent for an interval or two, mostly 30 min
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(3);

    private readonly BitTorrentOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<InfoHash, Torrent> _torrents = new();
    private readonly ConcurrentDictionary<Torrent, byte> _awake = new();
    private readonly ConcurrentDictionary<InfoHash, Task> _leaving = new();
    private readonly ConcurrentDictionary<InfoHash, MetainfoFile> _justKept = new(); // about to be added
    private readonly CancellationTokenSource _stop = new();
    private readonly AddressGuard _guard;
    private readonly HostNames _names;
    private IPieceStore? _store;
    private MetainfoStore? _metainfo;
    private TrackerServices? _trackers;
    private PeerListener? _listener;
    private ITimer? _heartbeat;
    private PauseWatch? _pauses;
    private NetworkWatch? _network;
    private int _isBeating;
    private int _beats;
    private int _peerWakes;
    private bool _isDisposed;
    private long _downloaded;
    private long _uploaded;
    private (long Downloaded, long Uploaded) _windowStart;
    private TransferWindow _window = new(0, 0, WindowLength);
    private long _windowAt;

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
        _guard = new AddressGuard(options.Transport, options.Discovery.ExtraTrackers);
        _names = new HostNames(time, resolve, Log);
        Services = new SwarmServices(options, new MonotonicClock(time), Log, _guard);
    }

    /// <summary>TCP port that peers reach us on; 0 before the start.</summary>
    public int ListenPort => _listener?.Port ?? 0;

    /// <summary>The engine right now.</summary>
    public SessionStatistics Statistics
    {
        get
        {
            var (items, filled, capacity) = _store?.Usage ?? (0, 0, _options.Cache.Size);
            return new SessionStatistics(
                items,
                filled,
                capacity,
                Interlocked.Read(ref _downloaded),
                Interlocked.Read(ref _uploaded),
                _window,
                Services.Connections.Taken
            );
        }
    }

    internal ILogger Log { get; }

    internal SwarmServices Services { get; }

    internal IPieceStore Store => _store ?? throw new InvalidOperationException("The session was not started.");

    internal MetainfoStore Metainfo => _metainfo ?? throw new InvalidOperationException("The session was not started.");

    /// <summary>The kinds of sources of peers that each torrent has.</summary>
    internal IReadOnlyList<PeerSourceFactory> PeerSources { get; private set; } = [];

    private int AwakeForPeers => _awake.Count(static awake => awake.Key.Swarm is { IsLooking: false });

    /// <summary>Opens the cache and the listener. Knows no torrents yet.</summary>
    /// <exception cref="IOException">The port or the folder cannot be had; the message names it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_options.MetadataFolder);
        _metainfo = MetainfoStore.Open(_options.MetadataFolder, Log);
        _store = await PieceStorage.OpenCacheAsync(_options.Cache with { Folder = _options.CacheFolder }, _time, Log, cancellationToken);
        _store.Emptied = hash => Background.Forget("end of announces", Log, StopAnnouncingQuietlyAsync(hash));
        Services.Capacity = () => _store.Usage.Capacity is >= 0 and var capacity ? capacity : long.MaxValue;
        _trackers = new TrackerServices(_options.Discovery, _options.Transport, Services.TrackerPeerId, _guard, _time, Log, _names);
        PeerSources = [_trackers.CreateAnnouncer];
        _listener = new PeerListener(Services, FindForPeerAsync);
        _listener.Start();
        _windowAt = _time.GetTimestamp();
        Services.Clock.Watch();
        _pauses = new PauseWatch(Services.Clock);
        _network = new NetworkWatch();
        _heartbeat = Background.CreateTimer(_time, "heartbeat", Log, Beat);
        _heartbeat.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Adds a torrent, or adds trackers and peers to one that is known. Metadata in the source, and trackers that are new for metadata
    /// which is here, are on disk when this returns.
    /// Never waits for the swarm; without metadata the search for it starts in the background and goes on for ever.</summary>
    public async Task<Torrent> AddAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        if (_leaving.TryGetValue(source.InfoHash, out var leaving))
        {
            await leaving.WaitAsync(cancellationToken); // removed a moment ago: its pieces and metadata must be gone first
        }

        var kept = await KeepAsync(source, cancellationToken);
        var torrent = GetOrAdd(source, out var isNew);
        if (!isNew)
        {
            torrent.Merge(source, kept);
            if (source.Metainfo is not null && !torrent.HasMetadata)
            {
                torrent.Know(source.Metainfo.Info);
            }
        }

        if (!torrent.HasMetadata || torrent.IsShared)
        {
            Background.Forget("wake of a torrent", Log, WakeQuietlyAsync(torrent));
        }
        else if (isNew && Store.HasPieces(torrent.InfoHash))
        {
            Background.Forget("announce of a torrent", Log, AnnounceQuietlyAsync(torrent));
        }

        return torrent;
    }

    /// <summary>Keeps the metadata of torrents that are about to be added, all at once, so that each <see cref="AddAsync"/> finds it on disk. What is
    /// not added then is dropped at the next start.</summary>
    /// <exception cref="IOException">Not all of it could be kept.</exception>
    public async Task KeepMetadataAsync(IEnumerable<TorrentSource> sources, CancellationToken cancellationToken)
    {
        var files = sources
            .Select(s => s.Metainfo)
            .OfType<MetainfoFile>()
            .DistinctBy(f => f.Info.InfoHash)
            .Where(f => !Metainfo.Exists(f.Info.InfoHash))
            .ToList();
        await Metainfo.SaveAllAsync(files, cancellationToken);
        foreach (var file in files)
        {
            _justKept[file.Info.InfoHash] = file;
        }
    }

    /// <summary>Adds many torrents at start, quickly: a record each. Those whose metadata is on disk sleep; the others begin to look for it.</summary>
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
            Background.Forget("wake of a torrent", Log, WakeQuietlyAsync(torrent));
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

    /// <summary>The torrent of this hash, or null.</summary>
    public Torrent? Find(InfoHash hash)
    {
        return _torrents.GetValueOrDefault(hash);
    }

    /// <summary>Forgets a torrent: readers fail, trackers are told, metadata goes, and with <paramref name="pieces"/> its pieces too.</summary>
    public async Task RemoveAsync(InfoHash hash, bool pieces, CancellationToken cancellationToken)
    {
        if (!_torrents.TryRemove(hash, out var torrent))
        {
            return;
        }

        var leaving = ForgetAsync(torrent, pieces);
        _leaving[hash] = leaving;
        try
        {
            await leaving.WaitAsync(cancellationToken);
        }
        finally
        {
            _leaving.TryRemove(new KeyValuePair<InfoHash, Task>(hash, leaving));
            using var goodbye = new CancellationTokenSource(GoodbyeTime, _time);
            await torrent.SayGoodbyeAsync(goodbye.Token); // also when its files stay: nobody else could ever end its announces
        }
    }

    /// <summary>Says goodbye to swarms and trackers (at most 3 s), flushes the cache.</summary>
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

        _network?.Dispose();

        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        using (var goodbye = new CancellationTokenSource(GoodbyeTime, _time))
        {
            await Task.WhenAll(
                _torrents
                    .Values.Select(t => t.SayGoodbyeAsync(goodbye.Token))
                    .Concat(_torrents.Values.Select(static t => t.CloseAsync(TorrentFailure.Closing)))
            );
        }

        if (_trackers is not null)
        {
            await _trackers.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _names.Dispose();
        Services.Dispose();
        _stop.Dispose();
    }

    internal void CountDownload(int bytes)
    {
        Interlocked.Add(ref _downloaded, bytes);
    }

    internal void CountUpload(long bytes)
    {
        Interlocked.Add(ref _uploaded, bytes);
    }

    internal void WokeUp(Torrent torrent)
    {
        _awake[torrent] = 0;
    }

    /// <summary>Peers were named for a torrent that sleeps with pieces. If nobody can reach us (NAT), some of them are dialled: else it would stop
    /// seeding when it falls asleep. It serves and sleeps again as if they had come to us.</summary>
    internal void OfferTo(Torrent torrent, IReadOnlyList<PeerEndPoint> peers)
    {
        if (_options.Seed && _listener is { WasReached: false } && Store.HasPieces(torrent.InfoHash) && MayWakeForPeer())
        {
            Background.Forget(
                "wake of a torrent for peers",
                Log,
                QuietlyAsync(torrent, async () => (await torrent.WakeToServeAsync(_stop.Token)).OfferTo(peers))
            );
        }
    }

    /// <summary>Wakes a torrent in the background.</summary>
    internal void Wake(Torrent torrent)
    {
        Background.Forget("wake of a torrent", Log, WakeQuietlyAsync(torrent));
    }

    internal void FellAsleep(Torrent torrent)
    {
        _awake.TryRemove(torrent, out _);
    }

    /// <summary>Looks up peers that are known by host name; see <see cref="NamedPeers"/>.</summary>
    internal Task<(IReadOnlyList<PeerEndPoint> Peers, IReadOnlyList<string> Unknown)> FindPeersAsync(IEnumerable<string> hosts)
    {
        return NamedPeers.FindAsync(hosts, _names, _stop.Token);
    }

    /// <summary>Lets time go by; false: the session ended before.</summary>
    internal async Task<bool> TryWaitAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _time, _stop.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Looks anew at everything that is known about the world.</summary>
    /// <param name="isForgotten">Whether trackers may have forgotten us, or know an old address.</param>
    internal void WorldReturned(bool isForgotten)
    {
        Services.Network.Reset();
        _trackers!.NetworkChanged();
        foreach (var (_, torrent) in _torrents)
        {
            try
            {
                torrent.WorldReturned(isForgotten);
            }
            catch (Exception e)
            {
                Log.HeartbeatFailed(torrent.InfoHash, e);
            }
        }
    }

    private async Task ForgetAsync(Torrent torrent, bool pieces)
    {
        await torrent.CloseAsync(TorrentFailure.Removed);
        if (pieces)
        {
            Store.Remove(torrent.InfoHash);
        }

        Metainfo.Delete(torrent.InfoHash);
    }

    /// <summary>Keeps metadata that is not here yet, and trackers that its file does not name yet. The file as it is now; null: there is none, or
    /// nothing in the source concerns it.</summary>
    private async Task<MetainfoFile?> KeepAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        if (
            _justKept.TryRemove(source.InfoHash, out var same)
            && ReferenceEquals(same, source.Metainfo)
            && Metainfo.Exists(source.InfoHash)
        )
        {
            return same; // it need not be read to see that
        }

        var known =
            source is { Metainfo: null, Trackers.Count: 0 } || !Metainfo.Exists(source.InfoHash)
                ? null
                : await Metainfo.LoadAsync(source.InfoHash, cancellationToken);
        if (known is null)
        {
            if (source.Metainfo is not null && !Metainfo.Exists(source.InfoHash))
            {
                await Metainfo.SaveAsync(source.Metainfo, cancellationToken);
            }

            return source.Metainfo;
        }

        var trackers = source.SeedFolder is not null
            ? source.Trackers // the owner's list, and no other
            : TrackerUnion.Of(known.Trackers, source.Trackers, known.Info.IsPrivate, source.Metainfo is not null);
        if (trackers is null || trackers.SelectMany(t => t).SequenceEqual(known.Trackers.SelectMany(t => t), StringComparer.Ordinal))
        {
            return known;
        }

        var now = known with { Trackers = trackers };
        await Metainfo.SaveAsync(now, cancellationToken);
        return now;
    }

    private Torrent GetOrAdd(TorrentSource source, out bool isNew)
    {
        var made = new Torrent(this, source, Metainfo.Exists(source.InfoHash));
        var torrent = _torrents.GetOrAdd(source.InfoHash, made);
        isNew = torrent == made;
        return torrent;
    }

    private async ValueTask<Swarm?> FindForPeerAsync(InfoHash hash)
    {
        if (!_torrents.TryGetValue(hash, out var torrent))
        {
            return null;
        }

        if (torrent.Swarm is { } awake)
        {
            return awake;
        }

        if (torrent.IsShared)
        {
            return await torrent.WakeAsync(_stop.Token);
        }

        if (!Store.HasPieces(hash) || !MayWakeForPeer())
        {
            return null;
        }

        return await torrent.WakeToServeAsync(_stop.Token);
    }

    private bool MayWakeForPeer()
    {
        return Interlocked.Increment(ref _peerWakes) <= MaxPeerWakes && AwakeForPeers < MaxAwakeForPeers;
    }

    private Task WakeQuietlyAsync(Torrent torrent)
    {
        return QuietlyAsync(torrent, async () => await torrent.WakeAsync(_stop.Token));
    }

    private Task AnnounceQuietlyAsync(Torrent torrent)
    {
        return QuietlyAsync(torrent, () => torrent.AnnounceAsleepAsync(_stop.Token));
    }

    /// <summary>Does something with a torrent that nobody waits for; an error is logged with its info hash.</summary>
    private async Task QuietlyAsync(Torrent torrent, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
        catch (Exception e)
        {
            Log.CouldNotWake(torrent.InfoHash, e.Message);
        }
    }

    private async Task StopAnnouncingQuietlyAsync(InfoHash hash)
    {
        try
        {
            await (Find(hash)?.StopAnnouncingAsleepAsync() ?? Task.CompletedTask);
        }
        catch (Exception e)
        {
            Log.HeartbeatFailed(hash, e);
        }
    }

    private async Task AnnounceOneByOneAsync(List<Torrent> torrents)
    {
        await Task.Yield();
        foreach (var torrent in torrents)
        {
            await AnnounceQuietlyAsync(torrent);
        }
    }

    private void Beat()
    {
        if (Interlocked.Exchange(ref _isBeating, 1) != 0)
        {
            return; // the last one is still at it
        }

        try
        {
            BeatOnce();
        }
        finally
        {
            Interlocked.Exchange(ref _isBeating, 0);
        }
    }

    /// <summary>Whether the world went on without us, or we have moved in it: what is known about it is looked at anew.</summary>
    private void LookAtTheWorld()
    {
        var missed = _pauses!.Look();
        var moved = _network!.Look();
        if (missed == TimeSpan.Zero && !moved)
        {
            return;
        }

        if (moved)
        {
            Services.ChangePeerId();
            Log.AddressChanged();
        }
        else
        {
            Log.WasStopped(missed);
        }

        WorldReturned(isForgotten: moved || missed >= ForgottenAfter);
    }

    private void BeatOnce()
    {
        LookAtTheWorld();
        Interlocked.Exchange(ref _peerWakes, 0);
        var closesWindow = ++_beats % 2 == 0;
        var length = _time.GetElapsedTime(_windowAt);
        if (closesWindow)
        {
            _windowAt = _time.GetTimestamp();
            var now = (Interlocked.Read(ref _downloaded), Interlocked.Read(ref _uploaded));
            _window = new TransferWindow(now.Item1 - _windowStart.Downloaded, now.Item2 - _windowStart.Uploaded, length);
            _windowStart = now;
        }

        var rest = _options.HibernateAfter.Ticks / TimeSpan.TicksPerMicrosecond;
        foreach (var (torrent, _) in _awake)
        {
            try
            {
                torrent.Swarm?.Heartbeat();
                if (closesWindow)
                {
                    torrent.CloseWindow(length);
                }

                if (torrent.MayRest(Services.Clock.Now, rest))
                {
                    Background.Forget("sleep of a torrent", Log, torrent.SleepAsync());
                }
            }
            catch (Exception e)
            {
                Log.HeartbeatFailed(torrent.InfoHash, e); // out of a timer's callback it would end the process, and all other torrents
            }
        }
    }
}
