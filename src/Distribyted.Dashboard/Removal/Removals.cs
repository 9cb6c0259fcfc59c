using System.Security.Claims;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Dashboard.Removal;

/// <summary>Removes torrents after a while in which that can be undone. Closing the page does not undo it. Safe for use by many threads.</summary>
/// <param name="remove">Removes one, unless it says why not: user, torrent, whether its data goes as well.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">For errors.</param>
internal sealed class Removals(Func<ClaimsPrincipal, TorrentKey, bool, Task<string?>> remove, TimeProvider time, ILogger<Removals> logger)
{
    /// <summary>How long it can be undone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private readonly Dictionary<TorrentKey, Removal> _pending = []; // guarded by _lock
    private int _version; // guarded by _lock

    /// <summary>Differs after each change of what is pending.</summary>
    public int Version
    {
        get
        {
            lock (_lock)
            {
                return _version;
            }
        }
    }

    /// <summary>Whether the torrent is about to be removed.</summary>
    public bool IsPending(string route, string hash)
    {
        lock (_lock)
        {
            return _pending.ContainsKey(new TorrentKey(route, hash));
        }
    }

    /// <summary>Removes these after <see cref="Grace"/>.</summary>
    /// <param name="user">Who wants it; his rights decide then.</param>
    /// <param name="torrents">Those that are pending already stay so, and are not part of this.</param>
    /// <param name="pieces">Whether their data on disk goes as well.</param>
    /// <param name="failed">Is told why a torrent was not removed.</param>
    public Removal Begin(ClaimsPrincipal user, IEnumerable<TorrentKey> torrents, bool pieces, Action<string> failed)
    {
        lock (_lock)
        {
            var removal = new Removal(this, [.. torrents.Where(torrent => !_pending.ContainsKey(torrent))]);
            _version++;
            foreach (var torrent in removal.Torrents)
            {
                _pending.Add(torrent, removal);
            }

            removal.Timer = Background.CreateTimer(
                time,
                "removal of torrents",
                logger,
                () => Background.Forget("removal of torrents", logger, RunAsync(removal, user, pieces, failed))
            );
            removal.Timer.Change(Grace, Timeout.InfiniteTimeSpan);
            return removal;
        }
    }

    private async Task RunAsync(Removal removal, ClaimsPrincipal user, bool pieces, Action<string> failed)
    {
        if (!removal.TryEnd())
        {
            return;
        }

        foreach (var torrent in removal.Torrents)
        {
            try
            {
                if (await remove(user, torrent, pieces) is { } problem)
                {
                    failed(problem);
                }
            }
            finally
            {
                Forget(torrent);
            }
        }
    }

    private void Forget(TorrentKey torrent)
    {
        lock (_lock)
        {
            _version++;
            _pending.Remove(torrent);
        }
    }

    /// <summary>Some torrents that go together.</summary>
    internal sealed class Removal(Removals all, TorrentKey[] torrents)
    {
        private int _isOver;

        public IReadOnlyList<TorrentKey> Torrents => torrents;

        internal ITimer? Timer { get; set; }

        /// <summary>They stay. False: it was too late.</summary>
        public bool TryUndo()
        {
            if (!TryEnd())
            {
                return false;
            }

            foreach (var torrent in torrents)
            {
                all.Forget(torrent);
            }

            return true;
        }

        /// <summary>Decides between the end of the time and an undo: the first wins.</summary>
        internal bool TryEnd()
        {
            Timer?.Dispose();
            return Interlocked.Exchange(ref _isOver, 1) == 0;
        }
    }
}
