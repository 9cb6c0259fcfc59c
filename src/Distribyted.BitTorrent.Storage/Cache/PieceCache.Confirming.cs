// What the last run left is hashed before its first byte is used.
using System.Buffers;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Telemetry;

namespace Distribyted.BitTorrent.Storage.Cache;

internal sealed partial class PieceCache
{
    /// <summary>The one hash check of a piece that everybody who wants it waits for.</summary>
    private Task Confirming(TorrentPieces view, CacheGroup group, int piece)
    {
        var checks = view.Torrent.Confirming;
        if (!checks.TryGetValue(piece, out var check))
        {
            group.Leases++;
            check = Task.Run(() => Confirm(view, group, piece));
            checks.Add(piece, check);
        }

        return check;
    }

    private void Confirm(TorrentPieces view, CacheGroup group, int piece)
    {
        try
        {
            var layout = view.Torrent.Layout!;
            if (IsRightOnDisk(view, layout, group, piece))
            {
                lock (_gate)
                {
                    group.Confirmed |= layout.BitOf(piece) & group.Stored;
                }
            }
            else
            {
                Damaged(view, group, piece);
            }
        }
        finally
        {
            lock (_gate)
            {
                view.Torrent.Confirming.Remove(piece);
            }

            Release(group);
        }
    }

    /// <summary>A slab has lost its end, and what is written next makes it longer again, with zeros between: nothing is believed without a hash.</summary>
    private void DoubtAll()
    {
        lock (_gate)
        {
            foreach (var group in _index.InOrder.SelectMany(static torrent => torrent.Groups.Values))
            {
                group.Confirmed = 0;
            }
        }
    }

    private bool IsRightOnDisk(TorrentPieces view, GroupLayout layout, CacheGroup group, int piece)
    {
        var slots = group.Slots;
        var length = layout.Pieces.LengthOf(piece);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(MaxRead, length));
        var hasher = PieceHasher.Rent();
        try
        {
            for (var offset = 0; offset < length; )
            {
                var (part, at) = layout.Place(piece, offset);
                var count = Math.Min(Math.Min(MaxRead, length - offset), _index.SlotLength - at);
                if (_slabs.Read(slots[part], at, buffer.AsSpan(0, count)) < count)
                {
                    return false;
                }

                hasher.Append(buffer.AsSpan(0, count));
                offset += count;
            }

            return hasher.Matches(view.Info.PieceHashes.Span.Slice(piece * 20, 20));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // said with the piece that is dropped for it
        }
        finally
        {
            PieceHasher.Return(hasher);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Damaged(TorrentPieces view, CacheGroup group, int piece)
    {
        lock (_gate)
        {
            var layout = view.Torrent.Layout!;
            var mask = group.Stored & ~layout.BitOf(piece);
            if (group.Dead || mask == group.Stored)
            {
                return;
            }

            if (mask == 0 && group.Busy == 0)
            {
                Drop(group);
            }
            else
            {
                GoneFrom(group, layout.BitOf(piece));
                _index.SetStored(group, mask, layout.BytesOf(group.Number, mask));
                _behind.Record(JournalEntry.ForGroup(group));
            }

            RoomChanged();
        }

        _logger.PieceDamaged(piece, view.Torrent.Hash.ToString());
    }
}
