using System.Runtime.CompilerServices;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary><c>torrent_folder</c> of a route: every <c>.torrent</c> and <c>.magnet</c> below it, in any letter case, while it is there.</summary>
internal sealed class FolderSource(string route, string folder, string where, TimeProvider time, ILogger logger) : ITorrentSource
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200); // a hundred files copied together are one change

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint, // links might lead round in circles
    };

    private readonly TorrentFiles _files = new(logger);
    private volatile bool _hasUnread;

    public string Name => $"{where} torrent_folder";

    public bool Answers(string route1, string origin)
    {
        return string.Equals(route1, route, StringComparison.Ordinal) && string.Equals(origin, Origins.Folder, StringComparison.Ordinal);
    }

    public bool MayKnowMore(string route1)
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

            await watch.WaitAsync(lookAgain: wasMissing || _files.HasDoubtful, cancellationToken);
            if (!wasMissing)
            {
                await watch.SettleAsync(Quiet, cancellationToken);
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

            _ = Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(); // throws when it may not be read; below, what may not is passed over

            var paths = Directory
                .EnumerateFiles(folder, "*", Everything)
                .Where(p =>
                    p.EndsWith(".torrent", StringComparison.OrdinalIgnoreCase) || p.EndsWith(".magnet", StringComparison.OrdinalIgnoreCase)
                )
                .Order(StringComparer.Ordinal)
                .ToList();
            _files.KeepOnly(paths.ToHashSet(StringComparer.Ordinal));
            return
            [
                .. paths.SelectMany(path =>
                    _files
                        .Read(path)
                        .Select(link => new WantedTorrent(
                            route,
                            link.InfoHash,
                            link.Magnet,
                            link.Magnet is null ? path : null,
                            Origins.Folder,
                            path
                        ))
                ),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.SourceFileUnusable(folder, e.Message);
            return null;
        }
    }
}
