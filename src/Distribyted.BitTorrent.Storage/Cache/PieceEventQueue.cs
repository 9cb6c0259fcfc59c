using System.Collections.Concurrent;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Carries events out of the cache's lock, in order, one at a time, on the thread pool.</summary>
/// <remarks>
/// A piece is evicted in the middle of another torrent's scheduler run; telling its owner there and then would take two torrents' locks
/// in either order.
/// </remarks>
internal sealed class PieceEventQueue(ILogger logger) : IThreadPoolWorkItem
{
    private const int Burst = 64; // then other work gets the thread

    private readonly ConcurrentQueue<(TorrentView View, PieceEventKind Kind, int Piece)> _queue = new();
    private int _scheduled;

    public void Post(TorrentView view, PieceEventKind kind, int piece)
    {
        _queue.Enqueue((view, kind, piece));
        Schedule();
    }

    /// <summary>A piece is on disk and in the journal: marks it, and tells the torrent if it is open. Under the cache's lock.</summary>
    public void PieceStored(CachedTorrent torrent, int piece)
    {
        if (torrent.View is { } view)
        {
            view.Mark(piece, readable: true, stored: true);
            Post(view, PieceEventKind.Stored, piece);
        }
    }

    /// <summary>A piece cannot be read any more: marks it, and tells the torrent if it is open. Under the cache's lock.</summary>
    public void PieceGone(CachedTorrent torrent, int piece)
    {
        if (torrent.View is { } view && view.Has(piece))
        {
            view.Mark(piece, readable: false, stored: false);
            Post(view, PieceEventKind.Gone, piece);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var i = 0; i < Burst && _queue.TryDequeue(out var next); i++)
        {
            try
            {
                next.View.Raise(next.Kind, next.Piece);
            }
            catch (Exception exception)
            {
                logger.PieceEventFailed(next.View.Torrent.Hash.ToString(), next.Kind, next.Piece, exception);
            }
        }

        Interlocked.Exchange(ref _scheduled, 0);
        if (!_queue.IsEmpty)
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
