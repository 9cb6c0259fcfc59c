using System.Text;
using System.Text.Json;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Routes.Sources;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>One folder of <c>servers:</c>, kept offered as a torrent: watched, hashed again after a quiet time where it changed, the former
/// torrent dropped when the new one is ready.</summary>
internal sealed class SharedFolder
{
    private readonly ConfiguredServer _server;
    private readonly string _folder;
    private readonly RouteManager _manager;
    private readonly HashStore _store;
    private readonly TrackerList _trackers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private volatile SharedFolderView _view;
    private FolderHashes? _known; // the loop's: what has been read
    private IReadOnlyList<SharedFile>? _offered; // the loop's: what peers are told of
    private IReadOnlyList<string>? _offeredTrackers; // the loop's

    internal SharedFolder(
        ConfiguredServer server,
        string metadataFolder,
        RouteManager manager,
        TrackerList trackers,
        TimeProvider time,
        ILogger logger
    )
    {
        _server = server;
        _folder = Path.GetFullPath(server.Path);
        _manager = manager;
        _store = new HashStore(metadataFolder, _folder);
        _trackers = trackers;
        _time = time;
        _logger = logger;
        _view = new SharedFolderView(server.Name, server.Path, SharedFolderState.Unknown, "", null, null);
    }

    internal SharedFolderView View => _view;

    /// <summary>Keeps it offered until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var watch = new FolderWatch(_folder, recursive: true, _time, _logger);
        try
        {
            await LoadAsync(cancellationToken);
            while (true)
            {
                var done = await TryUpdateAsync(watch, cancellationToken);
                await watch.WaitAsync(lookAgain: !done, cancellationToken);
                await watch.SettleAsync(_server.QuietTime, cancellationToken);
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

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _known = await _store.LoadAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException or OverflowException)
        {
            _logger.HashesNotUsed(_server.Name, e.Message);
        }
    }

    /// <summary>Offers what is there now; false when the folder cannot be read and is to be tried again.</summary>
    private async Task<bool> TryUpdateAsync(FolderWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            watch.Ensure();
            await UpdateAsync(watch, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException or TorrentException)
        {
            _view = _view with { State = SharedFolderState.Error };
            _logger.FolderUnreadable(_server.Name, e.Message, FolderWatch.LookEvery);
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _view = _view with { State = SharedFolderState.Error };
            _logger.SourceFailed("shared folder " + _server.Name, e);
            return false;
        }
    }

    private async Task UpdateAsync(FolderWatch watch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var files = await Task.Run(() => FolderScan.Scan(_folder), cancellationToken);
            if (FolderHashes.TotalLength(files) == 0)
            {
                await WithdrawAsync(cancellationToken);
                return;
            }

            if (_offered is not null && _offered.SequenceEqual(files))
            {
                _view = _view with { State = SharedFolderState.Seeding };
                return;
            }

            _view = _view with { State = _view.InfoHash is null ? SharedFolderState.Reading : SharedFolderState.Updating };
            var known = _known;
            var (hashes, read) = await Task.Run(
                () => TorrentCreator.HashAsync(_folder, files, _server.PieceLength, known, cancellationToken),
                cancellationToken
            );
            _known = hashes; // good for every file that stayed, even if another one changed meanwhile
            var now = await Task.Run(() => FolderScan.Scan(_folder), cancellationToken);
            if (now.SequenceEqual(files))
            {
                await KeepAsync(hashes, cancellationToken);
                await OfferAsync(hashes, read, cancellationToken);
                _offered = files;
                return;
            }

            await watch.SettleAsync(_server.QuietTime, cancellationToken); // still being written
        }
    }

    private async Task KeepAsync(FolderHashes hashes, CancellationToken cancellationToken)
    {
        try
        {
            await _store.SaveAsync(hashes, cancellationToken);
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
        await _manager.ShareAsync(new TorrentSource(info.InfoHash, _server.Name, tiers, [], metainfo, _folder), cancellationToken);
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
            await _manager.UnshareAsync(old, cancellationToken);
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
            await _manager.UnshareAsync(old, cancellationToken);
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
