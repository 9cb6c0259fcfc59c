// Opening pieces: what is reserved before the first block, and where the piece goes when it is verified or given up.
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

internal sealed partial class PieceCache
{
    private const long AskForRoomEvery = 50; // milliseconds

    private readonly RoomQueue _room = new(); // guarded by _gate
    private long _askedForRoomAt = -AskForRoomEvery;

    private long Milliseconds => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    internal PieceOpening TryOpen(TorrentPieces view, int piece, bool urgent)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (_disposed || torrent.View != view)
            {
                return default;
            }

            var layout = torrent.Layout!;
            var number = layout.GroupOf(piece);
            var parts = layout.PartsOf(number);
            if (parts > _index.Capacity)
            {
                return new PieceOpening(null, (long)parts * _index.SlotLength, (long)_index.Capacity * _index.SlotLength);
            }

            var group = torrent.Groups.GetValueOrDefault(number);
            if (torrent.Ram.ContainsKey(piece) || (group is not null && (group.Stored & layout.BitOf(piece)) != 0))
            {
                return default;
            }

            var now = _room.IsEmpty ? 0 : Milliseconds;
            if (_room.EndTurn(now))
            {
                RoomChanged();
            }

            var need =
                !urgent ? RoomNeed.Ahead
                : _room.IsOverdue(view, now) ? RoomNeed.Overdue
                : RoomNeed.Urgent;
            var refusal = view.Refusal;
            if (refusal.Version == _version && refusal.Need >= need && (refusal.Parts == 0 || (group is null && parts >= refusal.Parts)))
            {
                return Refuse(view, refusal, need);
            }

            if (_room.MustYield(view, urgent, now))
            {
                return Refuse(view, (_version, need, 0), need);
            }

            var length = layout.Pieces.LengthOf(piece);
            var spills = length > _ahead;
            var bytes = spills ? _ahead + ExtentPool.SlabLength : ExtentPool.BytesFor(length);
            if (!_pool.TryReserve(bytes, urgent) && !(Shed(bytes) && _pool.TryReserve(bytes, urgent)))
            {
                return Refuse(view, (_version, need, 0), need);
            }

            try
            {
                group ??= CreateGroup(torrent, number, parts, need);
                if (group is null && (spills || !_diskFull))
                {
                    _pool.Release(bytes);
                    return Refuse(view, (_version, need, parts), need);
                }

                if (urgent && _room.Leave(view, now))
                {
                    RoomChanged();
                }

                if (group is not null)
                {
                    _index.Enter(group);
                }

                return new PieceOpening(
                    new PieceAssembly(
                        piece,
                        view.Info.PieceHashes.Slice(piece * 20, 20),
                        new PieceBuffer(_pool, length, bytes),
                        spills,
                        new PieceHome(this, torrent, group)
                    )
                );
            }
            catch
            {
                FreeOpen(group, bytes);
                throw;
            }
        }
    }

    internal void Spill(CachedTorrent torrent, CacheGroup group, int piece, int offset, ReadOnlySpan<byte> data)
    {
        try
        {
            WriteToSlots(torrent.Layout!, group, piece, offset, data);
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                StopGrowing(exception.Message);
            }

            throw new IOException(exception.Message, exception);
        }
    }

    internal void Verified(CachedTorrent torrent, CacheGroup? group, PieceAssembly piece)
    {
        lock (_gate)
        {
            var isStranger = torrent.Place is null && _index.Find(torrent.Hash) is not null; // removed, and added anew since
            if (_disposed || group is { Dead: true } || isStranger || torrent.Ram.ContainsKey(piece.Piece))
            {
                piece.Buffer.LetGo();
                FreeOpen(group, piece.Buffer.Reserved);
                return;
            }

            var ram = new RamPiece(torrent, piece.Piece, group, piece.Buffer, piece.Spills)
            {
                State = group is null ? RamState.Homeless : RamState.Waiting,
            };
            torrent.Ram.Add(ram.Piece, ram);
            ram.Place = _unwritten.AddLast(ram);
            _unwrittenBytes += ram.Buffer.Reserved;
            if (torrent.Place is null)
            {
                _index.Place(torrent);
            }

            torrent.View?.Mark(ram.Piece, readable: true, stored: false);
            if (group is not null)
            {
                _behind.Write(ram);
            }
        }
    }

    internal void Discarded(CacheGroup? group, PieceAssembly piece)
    {
        lock (_gate)
        {
            if (piece.IsHomeless)
            {
                RefuseSlots(group!);
            }

            FreeOpen(group, piece.Buffer.Reserved);
        }
    }

    private CacheGroup? CreateGroup(CachedTorrent torrent, int number, int parts, RoomNeed need)
    {
        var group = _index.TryCreate(torrent, number, parts, need, _evict);
        if (group is null && _budget.Limit < 0 && !_index.GrowthStopped && !_index.Lent.IsLooking)
        {
            StopGrowing("the last gigabyte, or 5 %, stays free");
        }

        return group;
    }

    private PieceOpening Refuse(TorrentPieces view, (long Version, RoomNeed Need, int Parts) refusal, RoomNeed need)
    {
        view.Refusal = refusal;
        if (need != RoomNeed.Ahead)
        {
            _room.Wait(view, Milliseconds);
            AskForRoom(need == RoomNeed.Overdue);
        }

        if (!view.WaitsForRoom)
        {
            view.WaitsForRoom = true;
            _waiting.Add(view);
        }

        return default;
    }

    /// <summary>Torrents that are open hold memory and slots of pieces that they could do without.</summary>
    private void AskForRoom(bool isOverdue)
    {
        var now = Milliseconds;
        if (now - _askedForRoomAt < AskForRoomEvery)
        {
            return;
        }

        _askedForRoomAt = now;
        foreach (var torrent in _index.Opened)
        {
            _pump.Post(torrent.View!, isOverdue ? PieceEventKind.RoomOverdue : PieceEventKind.RoomWanted, -1);
        }
    }

    private void FreeOpen(CacheGroup? group, long reserved)
    {
        _pool.Release(reserved);
        if (group is not null)
        {
            _index.Leave(group);
        }

        RoomChanged();
    }

    /// <summary>Disk slower than the network, or full: pieces that nobody is going to read are dropped unwritten.</summary>
    private bool Shed(long bytes)
    {
        var freed = 0L;
        for (var node = _unwritten.First; node is not null && freed < bytes; )
        {
            var next = node.Next;
            var ram = node.Value;
            var may = ram.State == RamState.Homeless || (ram.State == RamState.Waiting && _unwrittenBytes > _pool.PieceMemory / 2);
            if (may && (ram.Torrent.View is null || ram.Torrent.IsPassed(ram.Piece)))
            {
                freed += ram.Buffer.Reserved;
                DropRam(ram);
            }

            node = next;
        }

        return freed > 0;
    }
}
