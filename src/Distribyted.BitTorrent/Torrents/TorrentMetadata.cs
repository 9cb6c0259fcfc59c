using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Telemetry;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>The metadata of one torrent: whether it is known, loading it from disk, keeping it there, and those who wait for it.</summary>
/// <remarks>The list of files of an idle torrent is not kept in memory: it is loaded again when it is asked for.</remarks>
/// <param name="owner">The torrent.</param>
/// <param name="services">Of the session.</param>
/// <param name="torrentLock">Guards who waits and whether it is known.</param>
/// <param name="isKnown">Whether it is on disk.</param>
internal sealed class TorrentMetadata(IMetadataOwner owner, TorrentServices services, Lock torrentLock, bool isKnown)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1); // between attempts to write to a disk that does not take it
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private TaskCompletionSource? _waiters;
    private WeakReference<TorrentInfo>? _info;
    private bool _isKnown = isKnown;
    private long _totalLength;
    private volatile bool _isPrivate;
    private volatile string? _trouble;

    /// <summary>Whether it is here, in memory or on disk.</summary>
    public bool IsKnown => Volatile.Read(ref _isKnown);

    /// <summary>BEP 27. False while it was never known in this run; remembered when the rest is not in memory.</summary>
    public bool IsPrivate => _isPrivate;

    /// <summary>Bytes of the content; 0 while it was never known in this run.</summary>
    public long TotalLength => Interlocked.Read(ref _totalLength);

    /// <summary>Why it is not known although it came, for users; null: it did not come, or all is well.</summary>
    public string? Trouble => _trouble;

    /// <summary>What is in memory; null: nothing, see <see cref="LoadAsync"/>.</summary>
    public TorrentInfo? InMemory => _info?.TryGetTarget(out var info) == true ? info : null;

    /// <summary>Waits until it is known, if need be for ever.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public async Task<TorrentInfo> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? waiting = null;
            lock (torrentLock)
            {
                owner.ThrowIfEnded();
                if (!_isKnown)
                {
                    _waiters ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    waiting = _waiters.Task;
                }
            }

            if (waiting is not null)
            {
                await waiting.WaitAsync(cancellationToken);
            }

            if (await LoadAsync(cancellationToken) is { } info)
            {
                return info;
            }
        }
    }

    /// <summary>It from memory or disk; null: it is gone or damaged there, and is looked for in the swarm again.</summary>
    /// <exception cref="TorrentException">It is gone, and the torrent was removed or the session ends.</exception>
    public async Task<TorrentInfo?> LoadAsync(CancellationToken cancellationToken)
    {
        if (InMemory is { } known)
        {
            return known;
        }

        if (await services.Metainfo.LoadAsync(owner.InfoHash, cancellationToken) is { } file)
        {
            Remember(file.Info);
            owner.MetadataLoaded(file);
            return file.Info;
        }

        lock (torrentLock)
        {
            owner.ThrowIfEnded();
            Volatile.Write(ref _isKnown, false);
        }

        owner.MetadataLost();
        return null;
    }

    /// <summary>Keeps it in memory as long as it is used there.</summary>
    public void Remember(TorrentInfo info)
    {
        _info = new WeakReference<TorrentInfo>(info);
        _isPrivate = info.IsPrivate;
        Interlocked.Exchange(ref _totalLength, info.Layout.TotalLength);
    }

    /// <summary>It is on disk from now on.</summary>
    public void Kept(TorrentInfo info)
    {
        Remember(info);
        TaskCompletionSource? waiters;
        lock (torrentLock)
        {
            Volatile.Write(ref _isKnown, true);
            waiters = _waiters;
            _waiters = null;
        }

        owner.MetadataKept(info);
        waiters?.TrySetResult();
    }

    /// <summary>It came from the swarm, with the right hash: writes it to disk, again and again if need be.</summary>
    public async Task ReceivedAsync(byte[] bytes)
    {
        try
        {
            var info = TorrentInfoReader.Read(bytes);
            owner.MetadataArrived(info);
            if (await TrySaveAsync(new MetainfoFile(info, owner.Trackers, [], null, null)))
            {
                Kept(info);
                services.Log.MetadataCame(owner.InfoHash, info.Name, info.Files.Count, info.Layout.TotalLength);
            }
        }
        catch (ProtocolException e)
        {
            _trouble = $"its metadata cannot be used: {e.Message}";
            services.Log.MetadataUnusable(owner.InfoHash, e.Message);
        }
    }

    /// <summary>The torrent has ended: all waiting calls fail.</summary>
    public void Fail(TorrentException error)
    {
        TaskCompletionSource? waiters;
        lock (torrentLock)
        {
            waiters = _waiters;
            _waiters = null;
        }

        waiters?.TrySetException(error);
    }

    /// <summary>Tries until the disk takes it; false: the torrent, or the session, has ended before.</summary>
    private async Task<bool> TrySaveAsync(MetainfoFile file)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause ? 2 * pause : pause)
        {
            try
            {
                await services.Metainfo.SaveAsync(file, CancellationToken.None);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _trouble = $"its metadata cannot be kept: {e.Message}";
                if (pause == FirstPause)
                {
                    services.Log.MetadataNotKept(owner.InfoHash, e.Message);
                }
            }

            if (!await services.TryWaitAsync(pause) || owner.HasEnded)
            {
                return false;
            }
        }
    }
}
