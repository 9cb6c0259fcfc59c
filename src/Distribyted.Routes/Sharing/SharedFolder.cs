using System.Collections.Concurrent;
using System.Text;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes.Store;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>One folder of <c>servers:</c>, kept offered as a torrent: watched, hashed again after a quiet time where it changed, the former
/// torrent dropped when the new one is ready.</summary>
internal sealed class SharedFolder : ISharedFolderOwner, IDisposable
{
    private const int LongestQuiet = 6; // times the quiet time: some folders are never quiet

    private readonly ConfiguredServer _server;
    private readonly string _folder;
    private readonly LibraryStore _store;
    private readonly HashStore _hashes;
    private readonly TrackerList _trackers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private readonly FolderWatch _watch;
    private readonly ConcurrentQueue<int> _changed = new(); // pieces that are not as they were hashed

    private volatile SharedFolderView _view;
    private volatile int _missing; // pieces that cannot be given now
    private FolderHashes? _known; // the loop's: what has been read
    private IReadOnlyList<SharedFile>? _offered; // the loop's: what peers are told of
    private IReadOnlyList<string>? _offeredTrackers; // the loop's
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal); // the loop's: told already
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal); // the loop's: files that may not be opened
    private string? _trouble; // the loop's: told already
    private bool _isUnfinished; // the loop's: something is there that is not offered yet

    internal SharedFolder(
        ConfiguredServer server,
        string metadataFolder,
        LibraryStore store,
        TrackerList trackers,
        TimeProvider time,
        ILogger logger
    )
    {
        _server = server;
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(server.Path)); // its last part is the torrent's name
        _store = store;
        _watch = new FolderWatch(_folder, recursive: true, time, logger);
        _hashes = new HashStore(metadataFolder, _folder);
        _trackers = trackers;
        _time = time;
        _logger = logger;
        _view = new SharedFolderView(server.Name, server.Path, SharedFolderState.Unknown, "", null, null);
    }

    internal SharedFolderView View
    {
        get
        {
            var view = _view;
            return _missing > 0 && view.State == SharedFolderState.Seeding ? view with { State = SharedFolderState.Error } : view;
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
    }

    void ISharedFolderOwner.PiecesMissing(int count)
    {
        var before = Interlocked.Exchange(ref _missing, count);
        if (before == 0 && count > 0)
        {
            _logger.PiecesMissing(_server.Name, FolderWatch.LookEvery);
        }
        else if (before > 0 && count == 0)
        {
            _logger.PiecesBack(_server.Name);
        }
    }

    void ISharedFolderOwner.PieceChanged(int piece)
    {
        _changed.Enqueue(piece);
        _watch.Signal();
    }

    /// <summary>Keeps it offered until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var watch = _watch;
        try
        {
            await LoadAsync(cancellationToken);
            var isQuiet = true;
            while (true)
            {
                var done = await TryUpdateAsync(watch, isQuiet, cancellationToken);
                isQuiet = await WaitAsync(watch, lookAgain: !done || _isUnfinished, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end; the engine says goodbye for the torrent.
        }
    }

    /// <summary>The link that is given away: hash, configured name, trackers.</summary>
    internal static string MagnetOf(InfoHash hash, string name, IReadOnlyList<string> trackers)
    {
        var link = new StringBuilder("magnet:?xt=urn:btih:").Append(hash).Append("&dn=").Append(Uri.EscapeDataString(name));
        foreach (var tracker in trackers)
        {
            link.Append("&tr=").Append(Uri.EscapeDataString(tracker));
        }

        return link.ToString();
    }

    /// <summary>Waits for a change; whether the folder is quiet now.</summary>
    private async Task<bool> WaitAsync(FolderWatch watch, bool lookAgain, CancellationToken cancellationToken)
    {
        try
        {
            await watch.WaitAsync(lookAgain, cancellationToken);
            return await WaitUntilQuietAsync(watch, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.SourceFailed("shared folder " + _server.Name, FolderWatch.LookEvery, e);
            await Task.Delay(FolderWatch.LookEvery, _time, cancellationToken);
            return true;
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _known = await _hashes.LoadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested) // whatever it is: the folder is read again
        {
            _logger.HashesNotUsed(_server.Name, e.Message);
        }
    }

    /// <summary>Offers what is there now; false when the folder cannot be read and is to be tried again.</summary>
    private async Task<bool> TryUpdateAsync(FolderWatch watch, bool isQuiet, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            watch.Ensure();
            await UpdateAsync(watch, isQuiet, cancellationToken);
            _trouble = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException or TorrentException)
        {
            _view = _view with { State = SharedFolderState.Error };
            if (!string.Equals(_trouble, e.Message, StringComparison.Ordinal))
            {
                _trouble = e.Message; // said once: the next try is in 30 s
                _logger.FolderUnreadable(_server.Name, e.Message, FolderWatch.LookEvery);
            }

            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _view = _view with { State = SharedFolderState.Error };
            _logger.SourceFailed("shared folder " + _server.Name, FolderWatch.LookEvery, e);
            return false;
        }
    }

    private async Task UpdateAsync(FolderWatch watch, bool isQuiet, CancellationToken cancellationToken)
    {
        ForgetChanged();
        while (true)
        {
            var files = await ScanAsync(cancellationToken);
            if (!isQuiet)
            {
                await Task.Delay(_server.QuietTime, _time, cancellationToken);
                var before = files.ToHashSet();
                var after = await ScanAsync(cancellationToken);
                files = [.. after.Where(before.Contains)]; // what is still being written comes later
                _isUnfinished |= files.Count < after.Count;
            }

            if (FolderHashes.TotalLength(files) == 0)
            {
                if (_leftOut.Count > 0)
                {
                    throw new IOException("nothing in it can be read"); // which is no reason to take back what is offered
                }

                if (!_isUnfinished)
                {
                    await WithdrawAsync(cancellationToken);
                }

                return;
            }

            if (_offered is not null && _offered.SequenceEqual(files))
            {
                _view = _view with { State = SharedFolderState.Seeding };
                return;
            }

            _view = _view with { State = _view.InfoHash is null ? SharedFolderState.Reading : SharedFolderState.Updating };
            if (await TryHashAsync(files, cancellationToken) is not var (hashes, read))
            {
                continue; // without what may not be read
            }

            _known = hashes; // good for every file that stayed, even if another one changed meanwhile
            var now = await ScanAsync(cancellationToken);
            if (isQuiet ? now.SequenceEqual(files) : files.All(now.ToHashSet().Contains))
            {
                _isUnfinished |= now.Count > files.Count;
                await KeepAsync(hashes, cancellationToken);
                await OfferAsync(hashes, read, cancellationToken);
                _offered = files;
                return;
            }

            isQuiet = await WaitUntilQuietAsync(watch, cancellationToken); // still being written
        }
    }

    /// <summary>Files with bytes that their times do not tell of are read again.</summary>
    private void ForgetChanged()
    {
        while (_changed.TryDequeue(out var piece))
        {
            _known = _known?.Without(piece);
            _offered = null;
        }
    }

    private Task<bool> WaitUntilQuietAsync(FolderWatch watch, CancellationToken cancellationToken)
    {
        return watch.WaitUntilQuietAsync(_server.QuietTime, LongestQuiet * _server.QuietTime, cancellationToken);
    }

    /// <summary>The files that can be offered; what cannot is told once.</summary>
    /// <exception cref="IOException">The folder cannot be read, or nothing of it.</exception>
    private async Task<IReadOnlyList<SharedFile>> ScanAsync(CancellationToken cancellationToken)
    {
        var scan = await Task.Run(() => FolderScan.Of(_folder), cancellationToken);
        _closed.RemoveWhere(path => WhyClosed(path) is null);
        var leftOut = scan.LeftOut.Concat(
            scan.Files.Where(f => _closed.Contains(f.Path)).Select(f => new FolderWalk.Unreadable(f.Path, WhyClosed(f.Path) ?? ""))
        );
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, reason) in leftOut)
        {
            told.Add(path);
            if (!_leftOut.Contains(path))
            {
                _logger.PartNotShared(_server.Name, path, reason);
            }
        }

        _leftOut.Clear();
        _leftOut.UnionWith(told);
        _isUnfinished = told.Count > 0; // it may be readable the next time, of which nothing is heard
        return _closed.Count == 0 ? scan.Files : [.. scan.Files.Where(f => !_closed.Contains(f.Path))];
    }

    /// <summary>The hashes, and how many pieces were read for them; null when a file turned out not to be ours to read.</summary>
    private async Task<(FolderHashes Hashes, int Read)?> TryHashAsync(IReadOnlyList<SharedFile> files, CancellationToken cancellationToken)
    {
        try
        {
            var known = _known;
            return await Task.Run(
                () => TorrentCreator.HashAsync(_folder, files, _server.PieceLength, known, cancellationToken),
                cancellationToken
            );
        }
        catch (UnauthorizedAccessException)
        {
            var closed = files.Select(f => f.Path).Where(path => WhyClosed(path) is not null).ToList();
            if (closed.Count == 0)
            {
                throw;
            }

            _closed.UnionWith(closed);
            return null;
        }
    }

    /// <summary>Why a file may not be opened; null if it may, or is gone.</summary>
    private string? WhyClosed(string path)
    {
        try
        {
            File.OpenHandle(Path.Combine(_folder, path), share: FileShare.ReadWrite | FileShare.Delete).Dispose();
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            return e.Message;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task KeepAsync(FolderHashes hashes, CancellationToken cancellationToken)
    {
        try
        {
            await _hashes.SaveAsync(hashes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.HashesNotKept(_server.Name, e.Message);
        }
    }

    private async Task OfferAsync(FolderHashes hashes, int read, CancellationToken cancellationToken)
    {
        var info = TorrentCreator.Describe(Path.GetFileName(_folder), hashes, _server.IsPrivate);
        var trackers = await ChooseTrackersAsync(cancellationToken);
        var former = _view.InfoHash;
        if (former == info.InfoHash && _offeredTrackers is not null && _offeredTrackers.SequenceEqual(trackers))
        {
            _view = _view with { State = SharedFolderState.Seeding };
            return;
        }

        IReadOnlyList<IReadOnlyList<string>> tiers = trackers.Count == 0 ? [] : [trackers];
        var metainfo = new MetainfoFile(info, tiers, [], null, null);
        await _store.ShareAsync(new TorrentSource(info.InfoHash, _server.Name, tiers, [], metainfo, _folder, this), cancellationToken);
        _missing = former == info.InfoHash ? _missing : 0;
        _offeredTrackers = trackers;
        _view = new SharedFolderView(
            _server.Name,
            _server.Path,
            SharedFolderState.Seeding,
            MagnetOf(info.InfoHash, _server.Name, trackers),
            info.InfoHash,
            _time.GetUtcNow()
        );
        _logger.FolderShared(_server.Name, hashes.Files.Count, read, hashes.Count, info.InfoHash);
        if (former is { } old && old != info.InfoHash)
        {
            await _store.UnshareAsync(old, cancellationToken);
        }
    }

    private async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        var former = _view.InfoHash;
        if (_view.State != SharedFolderState.Stopped)
        {
            _logger.FolderEmpty(_server.Name);
        }

        _view = new SharedFolderView(_server.Name, _server.Path, SharedFolderState.Stopped, "", null, _time.GetUtcNow());
        _offeredTrackers = null;
        _offered = null;
        if (former is { } old)
        {
            await _store.UnshareAsync(old, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<string>> ChooseTrackersAsync(CancellationToken cancellationToken)
    {
        if (_server.TrackerUrl is not { } url)
        {
            return _server.Trackers;
        }

        var (fetched, reason) = await _trackers.FetchAsync(url, cancellationToken);
        if (reason is null)
        {
            return fetched;
        }

        _logger.TrackersNotFetched(_server.Name, reason);
        return _server.Trackers;
    }
}
