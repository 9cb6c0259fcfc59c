using System.Collections.Concurrent;
using Distribyted.BitTorrent.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Carries events out of the cache's lock, in order, one at a time, on the thread pool.</summary>
/// <remarks>
/// A piece is evicted in the middle of another torrent's scheduler run; telling its owner there and then would take two torrents' locks
/// in either order.
/// </remarks>
internal sealed class PieceEventPump(ILogger logger) : IThreadPoolWorkItem
{
    private const int Burst = 64; // then others get the thread

    private readonly ConcurrentQueue<(TorrentPieces View, PieceEventKind Kind, int Piece)> _queue = new();
    private int _scheduled;

    public void Post(TorrentPieces view, PieceEventKind kind, int piece)
    {
        _queue.Enqueue((view, kind, piece));
        Schedule();
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
                logger.PieceEventFailed(exception);
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
