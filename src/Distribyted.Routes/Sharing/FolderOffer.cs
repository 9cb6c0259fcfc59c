using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes.Store;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>The torrent of a shared folder that peers are offered now, and what is shown of it. Changed by the folder's loop, read by many threads.</summary>
internal sealed class FolderOffer
{
    private readonly ConfiguredServer _server;
    private readonly string _folder;
    private readonly ISharedFolderOwner _owner;
    private readonly LibraryStore _store;
    private readonly TrackerList _trackers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private volatile SharedFolderView _view;
    private volatile int _missing; // pieces that cannot be given now
    private IReadOnlyList<string>? _offeredTrackers; // the loop's

    internal FolderOffer(
        ConfiguredServer server,
        string folder,
        ISharedFolderOwner owner,
        LibraryStore store,
        TrackerList trackers,
        TimeProvider time,
        ILogger logger
    )
    {
        _server = server;
        _folder = folder;
        _owner = owner;
        _store = store;
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

    internal bool IsOffered => _view.InfoHash is not null;

    internal void SetState(SharedFolderState state)
    {
        _view = _view with { State = state };
    }

    /// <summary>How many of its pieces cannot be read now; logged when it is some, and when it is none again.</summary>
    internal void SetMissing(int count)
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

    /// <summary>Offers these files; the torrent that was offered before ends when the new one is there.</summary>
    /// <param name="hashes">The files and their pieces.</param>
    /// <param name="read">How many pieces were read for that, for the log.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task OfferAsync(FolderHashes hashes, int read, CancellationToken cancellationToken)
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
        await _store.ShareAsync(new TorrentSource(info.InfoHash, _server.Name, tiers, [], metainfo, _folder, _owner), cancellationToken);
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

    /// <summary>Offers nothing: the folder is empty.</summary>
    internal async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        var former = _view.InfoHash;
        if (_view.State != SharedFolderState.Stopped)
        {
            _logger.FolderEmpty(_server.Name);
        }

        _view = new SharedFolderView(_server.Name, _server.Path, SharedFolderState.Stopped, "", null, _time.GetUtcNow());
        _offeredTrackers = null;
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
