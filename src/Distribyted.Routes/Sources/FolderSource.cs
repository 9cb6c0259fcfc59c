using System.Runtime.CompilerServices;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary><c>torrent_folder</c> of a route: every <c>.torrent</c> and <c>.magnet</c> below it, in any letter case, while it is there.</summary>
internal sealed class FolderSource(string route, string folder, string where, TimeProvider time, ILogger logger) : ITorrentSource
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200); // a hundred files copied together are one change
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(2); // some folders are written to all the time

    private readonly TorrentFiles _files = new(logger);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal); // logged already
    private volatile bool _hasUnread;
    private volatile FolderFacts? _facts;
    private bool _hasLinks;
    private string? _trouble; // logged already

    public string Name => $"{where} torrent_folder";

    public FolderFacts? Folder => _facts;

    public bool Answers(string ofRoute, string origin)
    {
        return string.Equals(ofRoute, route, StringComparison.Ordinal) && string.Equals(origin, Origins.Folder, StringComparison.Ordinal);
    }

    public bool MayKnowMore(string ofRoute)
    {
        return _hasUnread;
    }

    public async IAsyncEnumerable<IReadOnlyList<WantedTorrent>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watch = new FolderWatch(folder, recursive: true, time, logger);
        IReadOnlyList<WantedTorrent>? last = null;
        var wasMissing = false;
        while (true)
        {
            watch.Ensure();
            var hadUnread = _hasUnread;
            var wanted = Look();
            _hasUnread = _files.HasUnread;
            if (wanted is null && !wasMissing)
            {
                logger.SourceMissing(where, folder);
            }

            wasMissing = wanted is null;
            if (wanted is not null && (last is null || hadUnread != _hasUnread || !last.SequenceEqual(wanted)))
            {
                last = wanted;
                yield return wanted;
            }

            await watch.WaitAsync(lookAgain: wasMissing || _hasLinks || _files.HasDoubtful, cancellationToken);
            if (!wasMissing)
            {
                await watch.WaitUntilQuietAsync(Quiet, LongestQuiet, cancellationToken);
            }
        }
    }

    /// <summary>What is there now; null when the folder cannot be read.</summary>
    private List<WantedTorrent>? Look()
    {
        try
        {
            if (!Directory.Exists(folder))
            {
                return null;
            }

            var before = FolderExtent.Of(folder, []);
            var walk = FolderWalk.Of(folder);
            LogUnreadable(walk.NotRead);
            var paths = walk.Files.Where(IsTorrent).Select(f => f.Path).Order(StringComparer.Ordinal).ToList();
            _files.KeepOnly(paths.ToHashSet(StringComparer.Ordinal));
            var wanted = paths.SelectMany(Read).ToList();
            if (!string.Equals(FolderExtent.Of(folder, []), before, StringComparison.Ordinal))
            {
                return null; // a disk came or went meanwhile
            }

            _hasLinks = walk.Files.Any(f => f.IsLink && IsTorrent(f)); // what they lead to is not watched
            _trouble = null;
            _facts = new FolderFacts(folder, FolderExtent.Of(folder, walk.NotRead.Select(n => n.Path)), walk.IsEmpty);
            return wanted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!string.Equals(_trouble, e.Message, StringComparison.Ordinal))
            {
                _trouble = e.Message; // logged once: it is looked at again every 30 s
                logger.SourceFileUnusable(folder, e.Message);
            }

            return null;
        }
    }

    private IEnumerable<WantedTorrent> Read(string path)
    {
        return _files
            .Read(path)
            .Select(link => new WantedTorrent(
                route,
                link.InfoHash,
                link.Magnet,
                link.Magnet is null ? path : null,
                Origins.Folder,
                path,
                link.Trackers
            ));
    }

    private void LogUnreadable(IReadOnlyList<FolderWalk.Unreadable> notRead)
    {
        _unreadable.IntersectWith(notRead.Select(n => n.Path));
        foreach (var (path, reason) in notRead)
        {
            if (_unreadable.Add(path))
            {
                logger.PartUnreadable(path, reason, FolderWatch.LookEvery);
            }
        }
    }

    private static bool IsTorrent(FolderWalk.Item file)
    {
        return file.Path.EndsWith(".torrent", StringComparison.OrdinalIgnoreCase)
            || file.Path.EndsWith(".magnet", StringComparison.OrdinalIgnoreCase);
    }
}
