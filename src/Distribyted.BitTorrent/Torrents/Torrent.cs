using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage;
using Distribyted.BitTorrent.Storage.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Telemetry;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>One torrent of the session. Asleep it is this record and nothing more. Safe for use by many threads.</summary>
/// <remarks>It outlives its swarm: trackers know the torrent by this object while it sleeps with pieces to give.</remarks>
public sealed class Torrent : ISwarmPort
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstNamePause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestNamePause = TimeSpan.FromMinutes(10);

    private readonly TorrentSession _session;
    private readonly ISharedFolderOwner? _seedFolderOwner;
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<IReadOnlyList<string>> _trackers; // replaced, never changed
    private List<PeerEndPoint> _peers;
    private IReadOnlyList<string> _peerHosts; // host:port
    private IReadOnlyList<PeerEndPoint> _heard = []; // what trackers named while it slept: the first reader dials them at once
    private TaskCompletionSource? _metadataWaiters;
    private WeakReference<TorrentInfo>? _info;
    private Task<Swarm>? _waking;
    private Task _resting = Task.CompletedTask;
    private Swarm? _swarm;
    private PeerSources? _sources; // null: nobody looks for peers, and nobody is told that we are here
    private volatile string? _metadataTrouble;
    private bool _hasMetadata;
    private TorrentFailure? _endedBy; // Removed or Closing
    private volatile bool _isPrivate; // kept: the metadata may be collected before it is asked for
    private bool _wasWhole;
    private long _totalLength; // bytes; 0 while it was never known in this run
    private long _downloaded;
    private long _uploaded;
    private (long Downloaded, long Uploaded) _windowStart;
    private TransferWindow _window = new(0, 0, TorrentSession.WindowLength);

    internal Torrent(TorrentSession session, TorrentSource source, bool hasMetadata)
    {
        _session = session;
        _trackers = [.. source.Trackers];
        _peers = [.. source.Peers];
        _peerHosts = source.PeerHosts;
        _hasMetadata = hasMetadata;
        InfoHash = source.InfoHash;
        SeedFolder = source.SeedFolder;
        _seedFolderOwner = source.SeedFolderOwner;
    }

    /// <summary>Which torrent.</summary>
    public InfoHash InfoHash { get; }

    /// <summary>Whether the metadata is here (in memory or on disk).</summary>
    public bool HasMetadata => Volatile.Read(ref _hasMetadata);

    /// <summary>Whether its content is a folder of this machine.</summary>
    public bool IsShared => SeedFolder is not null;

    internal string? SeedFolder { get; }

    internal Swarm? Swarm => Volatile.Read(ref _swarm);

    bool ISwarmPort.IsPrivate => _isPrivate;

    IReadOnlyList<IReadOnlyList<string>> ISwarmPort.Trackers => _trackers;

    int ISwarmPort.ListenPort => _session.Services.ListenPort;

    int ISwarmPort.WantedPeers => Swarm?.WantedPeers ?? MetainfoStore.MaxPeers;

    PeerUrgency ISwarmPort.Urgency =>
        Swarm is not { } swarm ? PeerUrgency.Regular
        : !swarm.HasMetadata ? PeerUrgency.Pending
        : swarm.IsReaderBlocked ? PeerUrgency.Reader
        : PeerUrgency.Regular;

    (long Downloaded, long Uploaded, long Left) ISwarmPort.Progress =>
        (Interlocked.Read(ref _downloaded), Interlocked.Read(ref _uploaded), Left);

    private bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _endedBy is not null;
            }
        }
    }

    private long Left
    {
        get
        {
            const long UnknownLeft = 16384; // as libtorrent while the size is unknown: "0" would say that we seed
            var total = Interlocked.Read(ref _totalLength);
            return total == 0 ? UnknownLeft
                : IsShared ? Swarm?.MissingBytes ?? total
                : Math.Max(0, total - _session.Store.StoredBytes(InfoHash));
        }
    }

    /// <summary>The metadata; waits for the swarm if need be, for ever. Comes from disk when it was known before. The list of files of a
    /// sleeping torrent is not kept in memory: callers that list often keep what they need.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public async Task<TorrentInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? waiting = null;
            lock (_gate)
            {
                ThrowIfEnded();
                if (!_hasMetadata)
                {
                    _metadataWaiters ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    waiting = _metadataWaiters.Task;
                }
            }

            if (waiting is not null)
            {
                await waiting.WaitAsync(cancellationToken);
            }

            if (await LoadInfoAsync(cancellationToken) is { } info)
            {
                return info;
            }
        }
    }

    /// <summary>The metadata from memory or disk, without waiting for the swarm; null: it is not here.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public async Task<TorrentInfo?> TryGetInfoAsync(CancellationToken cancellationToken)
    {
        return HasMetadata ? await LoadInfoAsync(cancellationToken) : null;
    }

    /// <summary>Opens a reader over the torrent's bytes; wakes the torrent. Any number may be open, each with a position of its own.</summary>
    /// <param name="start">First byte of the file in the torrent: the reader never looks before it.</param>
    /// <param name="length">Bytes of the file: the reader never looks beyond it, except to read ahead into the next file.</param>
    /// <param name="position">Offset in the file where reading will start.</param>
    /// <param name="expected">How many bytes the client asked for at most; null when nobody knows.</param>
    /// <param name="client">Who reads, for people.</param>
    /// <param name="cancellationToken">Takes the wait back.</param>
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

            var swarm = await WakeAsync(cancellationToken);
            if (swarm.TryOpenReader(start, length, position, expected, client) is { } reader)
            {
                return reader;
            }

            // It fell asleep between the two lines, or its metadata is gone from disk.
            lock (_gate)
            {
                ThrowIfEnded();
            }
        }
    }

    /// <summary>How it is doing.</summary>
    public TorrentStatistics GetStatistics()
    {
        var swarm = Swarm;
        var (peers, seeds) = swarm?.CountPeers() ?? (0, 0);
        var readers = swarm?.ReaderCount ?? 0;
        var state =
            !HasMetadata ? TorrentState.Pending
            : swarm is null ? TorrentState.Asleep
            : TorrentState.Awake;
        return new TorrentStatistics(
            InfoHash,
            state,
            ReasonToWait(state, peers, readers),
            Interlocked.Read(ref _downloaded),
            Interlocked.Read(ref _uploaded),
            swarm is null ? new TransferWindow(0, 0, TorrentSession.WindowLength) : _window,
            peers,
            seeds,
            readers
        );
    }

    /// <summary>What is here, run-length coded in piece order; empty while the metadata is not in memory (see <see cref="GetInfoAsync"/>).</summary>
    public IReadOnlyList<PieceRun> GetPieceRuns()
    {
        if (Swarm is { } swarm)
        {
            return swarm.GetPieceRuns();
        }

        if (_info?.TryGetTarget(out var info) != true)
        {
            return [];
        }

        var stored = new byte[(info!.Layout.PieceCount + 7) / 8];
        _session.Store.CopyStored(info, stored);
        return PieceRuns.Of(
            info.Layout.PieceCount,
            p => (stored[p >> 3] & (0x80 >> (p & 7))) != 0 ? PieceStatus.Complete : PieceStatus.Waiting
        );
    }

    void ISwarmPort.AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin)
    {
        if (Swarm is { } swarm)
        {
            swarm.AddPeers(peers, origin);
            return;
        }

        lock (_gate)
        {
            _heard = [.. peers.Take(MetainfoStore.MaxPeers)];
        }

        _session.OfferTo(this, peers);
    }

    internal void CountDownload(int bytes)
    {
        Interlocked.Add(ref _downloaded, bytes);
        _session.CountDownload(bytes);
    }

    internal void CountUpload(long bytes)
    {
        Interlocked.Add(ref _uploaded, bytes);
        _session.CountUpload(bytes);
    }

    /// <summary>Keeps the peers that serve us for the next start, which may come without a goodbye. Returns at once.</summary>
    internal void KeepPeers(IReadOnlyList<PeerEndPoint> peers)
    {
        Background.Forget("keeping of peers", _session.Log, Task.Run(() => KeepPeersAsync(peers)));
    }

    /// <summary>Readers wait and nobody serves them: the trackers are asked as soon as they allow it.</summary>
    internal void PeersWanted()
    {
        _sources?.WantPeers();
    }

    /// <summary>This machine slept, was stopped, or has other addresses: see <see cref="Swarm.WorldReturned"/>.</summary>
    /// <param name="isForgotten">Whether trackers may have forgotten us, or know an old address.</param>
    internal void WorldReturned(bool isForgotten)
    {
        Swarm?.WorldReturned();
        Volatile.Read(ref _sources)?.Changed(isForgotten ? SwarmChange.PresenceLost : SwarmChange.NetworkReturned);
    }

    internal void CloseWindow(TimeSpan length)
    {
        var now = (Interlocked.Read(ref _downloaded), Interlocked.Read(ref _uploaded));
        _window = new TransferWindow(now.Item1 - _windowStart.Downloaded, now.Item2 - _windowStart.Uploaded, length);
        _windowStart = now;
    }

    /// <summary>More trackers and peers for a torrent that is known already.</summary>
    /// <param name="source">What it was added with now.</param>
    /// <param name="kept">Its file with the trackers from now on; null: they are those of the source as well.</param>
    internal void Merge(TorrentSource source, MetainfoFile? kept)
    {
        PeerSources? sources;
        lock (_gate)
        {
            Use(kept?.Trackers ?? source.Trackers, kept?.Info.IsPrivate == true);
            if (kept is { Info.IsPrivate: true })
            {
                Remember(kept.Info); // its sources of peers must know that it is private
            }

            sources = _sources;
            _peers = [.. _peers.Union(source.Peers)];
            _peerHosts = [.. _peerHosts.Union(source.PeerHosts, StringComparer.OrdinalIgnoreCase)];
        }

        sources?.Changed(SwarmChange.Trackers);
        if (Swarm is { } swarm)
        {
            swarm.AddPeers(source.Peers, PeerOrigin.Magnet);
            Background.Forget("dial of named peers", _session.Log, DialNamedPeersAsync(swarm, source.PeerHosts));
        }
    }

    /// <summary>The metadata came with a file.</summary>
    internal void Know(TorrentInfo info)
    {
        Remember(info);
        TaskCompletionSource? waiters;
        Swarm? swarm;
        PeerSources? sources;
        lock (_gate)
        {
            Volatile.Write(ref _hasMetadata, true);
            waiters = _metadataWaiters;
            _metadataWaiters = null;
            swarm = _swarm;
            sources = _sources;
        }

        swarm?.UseMetadata(info, () => AttachPieces(info, swarm));
        sources?.Changed(SwarmChange.Metadata);
        waiters?.TrySetResult();
    }

    /// <summary>The metadata came from the swarm: its hash is right. Called inside the swarm's gate, so the work is done elsewhere.</summary>
    internal void MetadataReceived(byte[] bytes)
    {
        Background.Forget("keeping of metadata", _session.Log, Task.Run(() => KeepMetadataAsync(bytes)));
    }

    /// <summary>Wakes the torrent, or joins a wake that is under way; it looks for peers from now on.</summary>
    internal async ValueTask<Swarm> WakeAsync(CancellationToken cancellationToken)
    {
        var swarm = await WakeToServeAsync(cancellationToken);
        if (swarm.TryStartLooking())
        {
            await LookForPeersAsync(swarm).WaitAsync(cancellationToken);
        }

        return swarm;
    }

    /// <summary>Wakes the torrent for a peer that wants its pieces: unless it is looked for otherwise, it dials nobody and asks no tracker.</summary>
    internal async ValueTask<Swarm> WakeToServeAsync(CancellationToken cancellationToken)
    {
        if (Swarm is { } awake)
        {
            return awake;
        }

        Task<Swarm> waking;
        lock (_gate)
        {
            ThrowIfEnded();
            waking = _waking ??= Task.Run(WakeOnceAsync);
        }

        return await waking.WaitAsync(cancellationToken);
    }

    /// <summary>Whether nobody has used the torrent for long enough.</summary>
    internal bool MayRest(long now, long after)
    {
        return !IsShared && HasMetadata && Swarm is { } swarm && swarm.IsIdle(now, after);
    }

    /// <summary>Gives up sockets and memory; with pieces the trackers go on hearing of us.</summary>
    internal async Task SleepAsync()
    {
        Swarm? swarm;
        var rested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            swarm = _swarm;
            if (swarm is null || !swarm.TryClose())
            {
                return; // a reader was quicker
            }

            Volatile.Write(ref _swarm, null);
            _waking = null;
            _resting = rested.Task; // who wakes it now waits until its pieces are closed: they are open once at a time
        }

        try
        {
            await KeepPeersAsync(swarm.BestPeers());
            await swarm.DisposeAsync();
        }
        finally
        {
            _session.FellAsleep(this);
            rested.SetResult(); // else it could never wake again
        }

        await StopAnnouncingAsleepAsync();
    }

    /// <summary>Announces without waking: the torrent sleeps, but has pieces to give.</summary>
    internal async Task AnnounceAsleepAsync(CancellationToken cancellationToken)
    {
        var info = await LoadInfoAsync(cancellationToken);
        lock (_gate)
        {
            if (_endedBy is null && info is not null)
            {
                StartAnnouncing();
            }
        }
    }

    /// <summary>Takes leave of the trackers when it sleeps without pieces: they were evicted, or it never had any.</summary>
    internal async Task StopAnnouncingAsleepAsync()
    {
        PeerSources? sources;
        lock (_gate)
        {
            if (_waking is not null || _swarm is not null || _session.Store.HasPieces(InfoHash))
            {
                return; // it woke up, or has new ones
            }

            sources = _sources;
            _sources = null;
        }

        if (sources is not null)
        {
            await sources.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>The last missing piece is stored: trackers are told, once in a run.</summary>
    internal void BecameWhole()
    {
        if (!IsShared && !Interlocked.Exchange(ref _wasWhole, true))
        {
            _sources?.Changed(SwarmChange.Completed);
        }
    }

    /// <summary>The end: readers fail, peers are let go, pieces are closed.</summary>
    internal async Task CloseAsync(TorrentFailure why)
    {
        Swarm? swarm;
        TaskCompletionSource? waiters;
        Task resting;
        Task? waking;
        lock (_gate)
        {
            _endedBy = why;
            swarm = _swarm;
            waiters = _metadataWaiters;
            resting = _resting;
            waking = _waking;
            _metadataWaiters = null;
            Volatile.Write(ref _swarm, null);
        }

        await resting;
        if (waking is not null)
        {
            await ((Task)waking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it may have opened pieces, and gives them up itself when it fails
        }

        waiters?.TrySetException(TorrentException.Ended(InfoHash, why));
        if (swarm is not null)
        {
            if (why != TorrentFailure.Removed && HasMetadata)
            {
                await KeepPeersAsync(swarm.BestPeers());
            }

            await swarm.CloseAsync(why);
            _session.FellAsleep(this);
        }
    }

    /// <summary>Tells the trackers that the torrent is gone from here, as long as the token lets it.</summary>
    internal async Task SayGoodbyeAsync(CancellationToken cancellationToken)
    {
        PeerSources? sources;
        lock (_gate)
        {
            sources = _sources;
            _sources = null;
        }

        if (sources is not null)
        {
            await sources.StopAsync(cancellationToken);
        }
    }

    private async Task KeepPeersAsync(IReadOnlyList<PeerEndPoint> peers)
    {
        try
        {
            await _session.Metainfo.SavePeersAsync(InfoHash, peers, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _session.Log.PeersNotKept(InfoHash, e.Message); // trackers name them again
        }
    }

    private async Task<Swarm> WakeOnceAsync()
    {
        await _resting;
        var swarm = new Swarm(this, _session.Services);
        try
        {
            await WakeAsync(swarm);
            return swarm;
        }
        catch
        {
            Volatile.Write(ref _swarm, null);
            await swarm.DisposeAsync(); // its pieces are open once at a time
            lock (_gate)
            {
                _waking = null; // the next reader tries again
            }

            throw;
        }
    }

    private async Task WakeAsync(Swarm swarm)
    {
        if (HasMetadata)
        {
            await UseMetadataAsync(swarm);
        }

        lock (_gate)
        {
            ThrowIfEnded();
            Volatile.Write(ref _swarm, swarm);
        }

        if (HasMetadata && !swarm.HasMetadata)
        {
            await UseMetadataAsync(swarm); // it came with a file in the meantime
        }

        _session.WokeUp(this);
    }

    private async Task LookForPeersAsync(Swarm swarm)
    {
        var remembered = HasMetadata ? await _session.Metainfo.LoadPeersAsync(InfoHash, CancellationToken.None) : [];
        List<PeerEndPoint> named;
        IReadOnlyList<PeerEndPoint> heard;
        lock (_gate)
        {
            ThrowIfEnded();
            named = _peers;
            heard = _heard;
            _heard = [];
            if (_sources is null)
            {
                StartAnnouncing();
            }
            else
            {
                _sources.WantPeers();
            }
        }

        swarm.AddPeers(remembered, PeerOrigin.Remembered);
        swarm.AddPeers(named, PeerOrigin.Magnet);
        swarm.AddPeers(heard, PeerOrigin.Tracker);
        Background.Forget("dial of named peers", _session.Log, DialNamedPeersAsync(swarm, _peerHosts));
    }

    /// <summary>Dials peers that the magnet names by host name. Those without an address yet are looked up again while the torrent is awake.</summary>
    private async Task DialNamedPeersAsync(Swarm swarm, IReadOnlyList<string> hosts)
    {
        try
        {
            for (var pause = FirstNamePause; hosts.Count > 0 && Swarm == swarm; pause = pause < LongestNamePause ? 2 * pause : pause)
            {
                (var peers, hosts) = await _session.FindPeersAsync(hosts);
                swarm.AddPeers(peers, PeerOrigin.Magnet);
                if (hosts.Count == 0 || !await _session.TryWaitAsync(pause))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The session ends.
        }
    }

    private async Task UseMetadataAsync(Swarm swarm)
    {
        if (await LoadInfoAsync(CancellationToken.None) is { } info)
        {
            swarm.UseMetadata(info, () => AttachPieces(info, swarm));
        }
    }

    /// <summary>The metadata from memory or disk; null: it is gone or damaged there, and is looked for in the swarm again.</summary>
    private async Task<TorrentInfo?> LoadInfoAsync(CancellationToken cancellationToken)
    {
        if (_info?.TryGetTarget(out var known) == true)
        {
            return known;
        }

        if (await _session.Metainfo.LoadAsync(InfoHash, cancellationToken) is { } file)
        {
            Remember(file.Info);
            lock (_gate)
            {
                Use(file.Trackers, file.Info.IsPrivate);
            }

            return file.Info;
        }

        lock (_gate)
        {
            ThrowIfEnded();
            Volatile.Write(ref _hasMetadata, false);
        }

        _session.Wake(this);
        return null;
    }

    private void StartAnnouncing()
    {
        if (_sources is null)
        {
            _sources = new PeerSources(this, _session.PeerSources, _session.Log);
            _sources.Start();
        }
    }

    private async Task KeepMetadataAsync(byte[] bytes)
    {
        try
        {
            var info = TorrentInfoReader.Read(bytes);
            IReadOnlyList<IReadOnlyList<string>> trackers;
            lock (_gate)
            {
                trackers = _trackers;
            }

            if (Swarm is { } swarm)
            {
                swarm.UseMetadata(info, () => AttachPieces(info, swarm)); // peers need not wait for our disk
            }

            if (await TrySaveAsync(new MetainfoFile(info, trackers, [], null, null)))
            {
                Know(info);
                _session.Log.MetadataCame(InfoHash, info.Name, info.Files.Count, info.Layout.TotalLength);
            }
        }
        catch (ProtocolException e)
        {
            _metadataTrouble = $"its metadata cannot be used: {e.Message}";
            _session.Log.MetadataUnusable(InfoHash, e.Message);
        }
    }

    /// <summary>Tries until the disk takes it; false: the torrent, or the session, has ended before.</summary>
    private async Task<bool> TrySaveAsync(MetainfoFile file)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause ? 2 * pause : pause)
        {
            try
            {
                await _session.Metainfo.SaveAsync(file, CancellationToken.None);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _metadataTrouble = $"its metadata cannot be kept: {e.Message}";
                if (pause == FirstPause)
                {
                    _session.Log.MetadataNotKept(InfoHash, e.Message);
                }
            }

            if (!await _session.TryWaitAsync(pause) || HasEnded)
            {
                return false;
            }
        }
    }

    private ITorrentPieces AttachPieces(TorrentInfo info, Swarm swarm)
    {
        Remember(info);
        if (SeedFolder is not null)
        {
            return PieceStorage.OpenSeedFolder(
                info,
                SeedFolder,
                swarm,
                _seedFolderOwner is null ? null : _seedFolderOwner.PiecesMissing,
                _seedFolderOwner is null ? null : _seedFolderOwner.PieceChanged,
                _session.Services.Clock.Time,
                _session.Log
            );
        }

        var pieces = _session.Store.Attach(info, swarm);
        _wasWhole |= pieces.StoredCount == info.Layout.PieceCount;
        return pieces;
    }

    private string? ReasonToWait(TorrentState state, int peers, int readers)
    {
        var wants = state == TorrentState.Pending || (state == TorrentState.Awake && readers > 0 && peers == 0);
        if (!wants)
        {
            return null;
        }

        if (state == TorrentState.Pending && _metadataTrouble is { } metadataTrouble)
        {
            return metadataTrouble;
        }

        var what = state == TorrentState.Pending ? "metadata" : "peers";
        return peers > 0 ? $"waits for {what} from {peers} peers"
            : _sources?.Trouble is { } trouble ? $"waits for {what}: {trouble}"
            : $"waits for {what}";
    }

    private void Remember(TorrentInfo info)
    {
        _info = new WeakReference<TorrentInfo>(info);
        _isPrivate = info.IsPrivate;
        Interlocked.Exchange(ref _totalLength, info.Layout.TotalLength);
    }

    /// <summary>Takes the trackers of its file, of a private torrent those only (BEP 27); called under the gate.</summary>
    private void Use(IReadOnlyList<IReadOnlyList<string>> trackers, bool isPrivate)
    {
        _trackers = isPrivate && trackers.Count > 0 ? [.. trackers] : TrackerUnion.Of(_trackers, trackers, false, true) ?? _trackers;
    }

    private void ThrowIfEnded()
    {
        if (_endedBy is { } why)
        {
            throw TorrentException.Ended(InfoHash, why);
        }
    }
}
