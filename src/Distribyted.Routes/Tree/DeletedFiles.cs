using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Tree;

/// <summary>Files inside torrents that a client deleted one by one, as <c>rm -r</c> over a mount does. They look deleted for a minute and then are
/// there again, unless all files of their torrent were deleted within that minute: then the torrent is removed. In memory and bounded.</summary>
/// <remarks>A torrent without files stays 10 s as an empty folder, because the client deletes its folders next and fails when they are gone.
/// Torrents of more than 1,200 files have 50 ms for each of them instead of the minute. Safe for use by many threads.</remarks>
internal sealed class DeletedFiles : IDisposable
{
    private const int MaxPaths = 200_000;
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PerFile = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Func<string, InfoHash, Task> _remove;
    private readonly ILogger _logger;
    private readonly ITimer _timer; // armed only while something is hidden

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Route, InfoHash InfoHash), Hidden> _torrents = []; // guarded by _lock
    private volatile int _paths; // written under _lock

    /// <param name="remove">Removes a torrent from a route; throws nothing.</param>
    /// <param name="time">For the minute.</param>
    /// <param name="logger">Where unexpected errors are logged.</param>
    internal DeletedFiles(Func<string, InfoHash, Task> remove, TimeProvider time, ILogger logger)
    {
        _remove = remove;
        _time = time;
        _logger = logger;
        _timer = Background.CreateTimer(time, "timer of deleted files", logger, Sweep);
    }

    /// <summary>Whether nothing is hidden: the usual case, which costs a read.</summary>
    internal bool IsEmpty => _paths == 0;

    public void Dispose()
    {
        _timer.Dispose();
    }

    /// <summary>Whether a file or folder in a torrent was deleted a moment ago.</summary>
    /// <param name="torrent">A place that is the torrent or lies in it.</param>
    /// <param name="path">The file or folder.</param>
    internal bool Contains(TreePlace torrent, VirtualPath path)
    {
        lock (_lock)
        {
            if (torrent.Torrent is null || !_torrents.TryGetValue(KeyOf(torrent), out var hidden))
            {
                return false;
            }

            DropOld(hidden);
            return hidden.Paths.Contains(NameIndex.Normalized(path.Value));
        }
    }

    /// <summary>Hides a file, or a folder of which everything is hidden. False: too many are hidden already.</summary>
    /// <param name="place">A place inside a torrent.</param>
    /// <param name="isFile">Files count; folders are only hidden.</param>
    /// <param name="files">How many files the torrent shows.</param>
    internal bool Add(TreePlace place, bool isFile, int files)
    {
        lock (_lock)
        {
            if (_paths >= MaxPaths)
            {
                return false;
            }

            if (!_torrents.TryGetValue(KeyOf(place), out var hidden))
            {
                _torrents.Add(KeyOf(place), hidden = new Hidden(files * PerFile > Minute ? files * PerFile : Minute));
            }

            DropOld(hidden);
            hidden.Last = _time.GetTimestamp();
            var path = NameIndex.Normalized(place.Path.Value);
            if (hidden.Paths.Add(path))
            {
                hidden.Order.Enqueue((path, isFile, hidden.Last));
                hidden.Files += isFile ? 1 : 0;
                _paths++;
            }

            hidden.IsAll |= hidden.Files >= files;
            _timer.Change(Often, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>Shows everything of a torrent again, or ends waiting for the rest: it was removed as a whole.</summary>
    internal void Clear(TreePlace torrent)
    {
        lock (_lock)
        {
            Drop(KeyOf(torrent));
        }
    }

    private static (string Route, InfoHash InfoHash) KeyOf(TreePlace place)
    {
        return (place.Route, place.Torrent!.InfoHash);
    }

    private void DropOld(Hidden hidden)
    {
        while (!hidden.IsAll && hidden.Order.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.At) >= hidden.Life)
        {
            hidden.Order.Dequeue();
            hidden.Paths.Remove(oldest.Path);
            hidden.Files -= oldest.IsFile ? 1 : 0;
            _paths--;
        }
    }

    private void Drop((string Route, InfoHash InfoHash) key)
    {
        if (_torrents.Remove(key, out var hidden))
        {
            _paths -= hidden.Paths.Count;
        }
    }

    private void Sweep()
    {
        var gone = new List<(string Route, InfoHash InfoHash)>();
        lock (_lock)
        {
            foreach (var (key, hidden) in _torrents.ToList())
            {
                DropOld(hidden);
                if (hidden.Paths.Count == 0)
                {
                    _torrents.Remove(key);
                }
                else if (hidden is { IsAll: true, IsBeingRemoved: false } && _time.GetElapsedTime(hidden.Last) >= Grace)
                {
                    hidden.IsBeingRemoved = true;
                    gone.Add(key);
                }
            }

            if (_torrents.Count > 0)
            {
                _timer.Change(Often, Timeout.InfiniteTimeSpan);
            }
        }

        gone.ForEach(key => Background.Forget("removal of an emptied torrent", _logger, RemoveAsync(key)));
    }

    private async Task RemoveAsync((string Route, InfoHash InfoHash) key)
    {
        await _remove(key.Route, key.InfoHash);
        lock (_lock)
        {
            Drop(key); // if it could not be removed, its files are there again
        }
    }

    /// <summary>What is hidden of one torrent; guarded by the lock of all.</summary>
    private sealed class Hidden(TimeSpan life)
    {
        internal TimeSpan Life { get; } = life;

        internal HashSet<string> Paths { get; } = new(StringComparer.Ordinal);

        internal Queue<(string Path, bool IsFile, long At)> Order { get; } = new();

        /// <summary>How many of the paths are files.</summary>
        internal int Files { get; set; }

        internal long Last { get; set; }

        /// <summary>All files were deleted in time.</summary>
        internal bool IsAll { get; set; }

        internal bool IsBeingRemoved { get; set; }
    }
}
