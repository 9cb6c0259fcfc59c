using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes;
using Distribyted.Routes.Model;

namespace Distribyted.Web.Api;

/// <summary>Adds torrents, and takes one back that no request has got the metadata of: when the last of them has waited in vain, and only what they added.</summary>
/// <remarks>Each request waits for its own time: the end of the first says nothing about the second. Safe for use by many threads.</remarks>
internal sealed class PendingAdds(RouteManager routes) : IDisposable
{
    // Adding and joining are one step, and so are leaving and taking back. Neither waits for peers, and the library makes one change at a time anyway.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<(string Route, InfoHash Hash), Waiting> _waiting = [];
    private int _requests;

    /// <summary>Requests that wait.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Adds a torrent. Who gets one that is pending ends with <see cref="LeaveAsync"/>.</summary>
    public async Task<(WriteResult Result, LibraryTorrent? Torrent)> AddAsync(
        string route,
        Addition what,
        CancellationToken cancellationToken
    )
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var (result, torrent) = await routes.AddAsync(route, what, cancellationToken);
            if (torrent is { IsPending: true })
            {
                Interlocked.Increment(ref _requests);
                var waiting = _waiting.GetValueOrDefault(Key(torrent));
                _waiting[Key(torrent)] = new Waiting(waiting.Requests + 1, waiting.IsOurs || result.Outcome == WriteOutcome.Created);
            }

            return (result, torrent);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A request waits no longer.</summary>
    /// <param name="torrent">What it waited for.</param>
    /// <param name="isKept">Whether the torrent stays: its metadata came, or that it does was said. False: it goes, unless others wait for it or had it before.</param>
    public async Task LeaveAsync(LibraryTorrent torrent, bool isKept)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            Interlocked.Decrement(ref _requests);
            var waiting = _waiting[Key(torrent)];
            waiting = new Waiting(waiting.Requests - 1, waiting.IsOurs && !isKept);
            if (waiting.Requests > 0)
            {
                _waiting[Key(torrent)] = waiting;
                return;
            }

            _waiting.Remove(Key(torrent));
            if (waiting.IsOurs)
            {
                await routes.RemoveAsync(torrent.Route, torrent.InfoHash, pieces: true, CancellationToken.None);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
    }

    private static (string Route, InfoHash Hash) Key(LibraryTorrent torrent)
    {
        return (torrent.Route, torrent.InfoHash);
    }

    /// <param name="Requests">How many wait.</param>
    /// <param name="IsOurs">One of them added it.</param>
    private readonly record struct Waiting(int Requests, bool IsOurs);
}
