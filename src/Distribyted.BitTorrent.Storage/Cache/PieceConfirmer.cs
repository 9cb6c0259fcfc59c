using System.Diagnostics;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Hashes pieces that the last run left before their first byte is used, and drops those that are damaged.</summary>
internal sealed class PieceConfirmer(
    Lock @lock,
    CacheIndex index,
    CacheGroups groups,
    GroupPins pins,
    GroupFiles files,
    SpaceWaiters space,
    ILogger logger
)
{
    private readonly Lock _lock = @lock;

    /// <summary>The one hash check of a piece, for which all its readers wait.</summary>
    public Task CheckAsync(TorrentView view, CacheGroup group, int piece)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var checks = view.Torrent.Checks;
        if (!checks.TryGetValue(piece, out var check))
        {
            pins.Pin(group);
            var doubts = index.Doubts;
            check = Task.Run(() => Check(view, group, piece, doubts));
            checks.Add(piece, check);
        }

        return check;
    }

    /// <summary>Every piece is hashed again before its next use: a slab lost its end, and what is written next makes it longer again, with zeros between.</summary>
    public void DoubtAll()
    {
        lock (_lock)
        {
            index.DoubtAll();
        }
    }

    /// <summary>Every piece of one torrent is hashed again before its next use.</summary>
    public void Doubt(TorrentView view)
    {
        lock (_lock)
        {
            index.Doubt(view.Torrent);
        }
    }

    /// <summary>Drops a piece that is not in its slots as its hash says. Takes the lock.</summary>
    public void Damaged(TorrentView view, CacheGroup group, int piece)
    {
        lock (_lock)
        {
            var bit = view.Torrent.Layout!.BitOf(piece);
            if (group.Dead || (group.Stored & bit) == 0)
            {
                return;
            }

            if (group.Stored == bit && group.Busy == 0)
            {
                groups.Drop(group);
            }
            else
            {
                groups.DropPieces(group, bit);
            }

            space.Changed();
        }

        logger.PieceDamaged(piece, view.Torrent.Hash.ToString());
    }

    /// <param name="view">The piece's torrent.</param>
    /// <param name="group">Its group, pinned; this unpins it.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="doubts"><see cref="CacheIndex.Doubts"/> before the first byte is read: a later doubt is about these bytes, too.</param>
    private void Check(TorrentView view, CacheGroup group, int piece, int doubts)
    {
        try
        {
            var layout = view.Torrent.Layout!;
            var hash = view.Info.PieceHashes.Span.Slice(piece * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes);
            if (files.IsRight(layout, group, piece, hash))
            {
                lock (_lock)
                {
                    if (doubts == index.Doubts)
                    {
                        group.Confirmed |= layout.BitOf(piece) & group.Stored;
                    }
                }
            }
            else
            {
                Damaged(view, group, piece);
            }
        }
        finally
        {
            lock (_lock)
            {
                view.Torrent.Checks.Remove(piece);
            }

            pins.Unpin(group);
        }
    }
}
