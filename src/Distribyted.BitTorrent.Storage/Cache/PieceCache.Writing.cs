// From memory to disk: slots, journal, snapshots, and a disk that takes no more.
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Telemetry;

namespace Distribyted.BitTorrent.Storage.Cache;

internal sealed partial class PieceCache
{
    /// <summary>A writer takes a piece; false: it is not wanted any more.</summary>
    internal bool BeginWrite(RamPiece piece)
    {
        lock (_gate)
        {
            if (piece.State != RamState.Waiting)
            {
                return false;
            }

            piece.State = RamState.Writing;
            return true;
        }
    }

    internal void WriteToSlots(RamPiece piece)
    {
        for (var offset = 0; !piece.Spilled && offset < piece.Buffer.Length; offset += ExtentPool.SlabLength)
        {
            var length = Math.Min(ExtentPool.SlabLength, piece.Buffer.Length - offset);
            WriteToSlots(piece.Torrent.Layout!, piece.Group!, piece.Piece, offset, piece.Buffer.Slice(offset, length));
        }
    }

    /// <summary>The disk did not take a piece: its slots rest, and it lives in memory.</summary>
    internal void WriteFailed(RamPiece piece, Exception exception)
    {
        lock (_gate)
        {
            var group = piece.Group!;
            var mask = group.Stored & ~(piece.State == RamState.Writing ? piece.Torrent.Layout!.BitOf(piece.Piece) : 0);
            if (mask != group.Stored)
            {
                _index.SetStored(group, mask, piece.Torrent.Layout!.BytesOf(group.Number, mask));
            }

            RefuseSlots(group);
            piece.Group = null;
            _index.Leave(group);
            if (piece.State == RamState.Writing)
            {
                piece.State = RamState.Homeless;
                if (piece.Spilled)
                {
                    DropRam(piece); // its bytes were in those slots
                }
            }
            else
            {
                piece.Buffer.LetGo();
            }

            StopGrowing(exception.Message);
            RoomChanged();
        }
    }

    /// <summary>Writes down what happened, in order, with one append; then it is true for everybody.</summary>
    internal void Journal(List<JournalEntry> batch)
    {
        try
        {
            lock (_gate)
            {
                batch.InsertRange(0, _owed);
                _owed.Clear();
                _records.Clear();
                foreach (var entry in batch)
                {
                    Encode(entry);
                }
            }

            _journal.Append(_records.Records);
        }
        catch (Exception exception) // whatever it is: without its keeper no piece would be stored any more
        {
            JournalFailed(batch, exception);
            return;
        }

        bool isLong;
        lock (_gate)
        {
            foreach (var entry in batch.Where(entry => entry.Piece is not null))
            {
                Stored(entry.Piece!);
            }

            if (_diskFullSaid && !_diskFull)
            {
                _diskFullSaid = false;
                _logger.DiskHasRoom();
            }

            RoomChanged();
            isLong =
                _journal.RecordCount
                > (2L * (_index.LiveSlots + Math.Min(_index.LiveSlots, _index.TorrentCount))) + PieceCacheFolder.JournalSlack;
        }

        if (isLong)
        {
            Snapshot();
        }
    }

    /// <summary>The pieces live in memory; what is true without them, such as a removed torrent, is said at the head of the next batch.</summary>
    private void JournalFailed(List<JournalEntry> batch, Exception exception)
    {
        foreach (var entry in batch.Where(entry => entry.Piece is not null))
        {
            WriteFailed(entry.Piece!, exception);
        }

        lock (_gate)
        {
            ForgetJournalNames();
            _owed.AddRange(batch.Where(entry => entry.Piece is null));
            StopGrowing(exception.Message);
        }
    }

    /// <summary>The journal may not have the names that were given last.</summary>
    private void ForgetJournalNames()
    {
        foreach (var torrent in _index.InOrder)
        {
            torrent.JournalName = 0;
        }
    }

    private void Encode(in JournalEntry entry)
    {
        if (entry.Dropped is not null)
        {
            foreach (var slot in entry.Dropped)
            {
                _records.AddDrop(slot);
            }

            return;
        }

        var group = entry.Piece?.Group ?? entry.Group!;
        if (group.Dead)
        {
            return;
        }

        var layout = group.Torrent.Layout!;
        if (entry.Piece is { } piece)
        {
            var mask = group.Stored | layout.BitOf(piece.Piece);
            group.Confirmed |= layout.BitOf(piece.Piece);
            _index.SetStored(group, mask, layout.BytesOf(group.Number, mask));
        }

        if (group.Stored != 0)
        {
            _records.AddGroup(group, group.Stored, group.Bytes);
        }
    }

    private void Stored(RamPiece ram)
    {
        var group = ram.Group!;
        var torrent = ram.Torrent;
        if (!group.Dead)
        {
            group.StoredAt = Math.Max(1, _time.GetTimestamp());
            group.Confirmed |= torrent.Layout!.BitOf(ram.Piece);
            if (torrent.View is { } view)
            {
                view.Mark(ram.Piece, readable: true, stored: true);
                _pump.Post(view, PieceEventKind.Stored, ram.Piece);
            }
        }

        _index.Leave(group);
        if (ram.State != RamState.Writing)
        {
            ram.Buffer.LetGo(); // dropped meanwhile
            return;
        }

        TakeFromUnwritten(ram);
        if (!ram.Spilled && !group.Dead && ram.Buffer.Reserved <= _pool.HotCache)
        {
            while (_pool.HotUsed + ram.Buffer.Reserved > _pool.HotCache)
            {
                ForgetRam(_hot.First!.Value);
            }

            ram.State = RamState.Hot;
            ram.Place = _hot.AddLast(ram);
            _pool.MoveToHot(ram.Buffer.Reserved);
        }
        else
        {
            _pool.Release(ram.Buffer.Reserved);
            ram.State = RamState.Dropped;
            torrent.Ram.Remove(ram.Piece);
            ram.Buffer.LetGo();
            if (group.Dead)
            {
                Gone(torrent, ram.Piece);
            }
        }
    }

    /// <summary>The slots of a group that holds nothing else rest until the disk is tried again.</summary>
    private void RefuseSlots(CacheGroup group)
    {
        if (group.Stored == 0 && group.Busy == 1 && !group.Dead)
        {
            _index.Unlink(group);
            _index.Refuse(group);
        }
    }

    private void StopGrowing(string reason)
    {
        _index.GrowthStopped = true;
        if (_diskFull)
        {
            return;
        }

        _diskFull = true;
        if (!_diskFullSaid)
        {
            _diskFullSaid = true;
            _logger.DiskFull(reason);
        }

        if (!_disposed)
        {
            _retry.Change(DiskRetry, Timeout.InfiniteTimeSpan);
        }
    }

    private void RetryDisk()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _diskFull = false;
            if (_owed.Count > 0)
            {
                _behind.Record(JournalEntry.ForDropped([])); // says nothing itself, but brings what is owed
            }

            _index.RetryRefused();
            foreach (var ram in _unwritten.Where(ram => ram.State == RamState.Homeless).ToArray())
            {
                var layout = ram.Torrent.Layout!;
                var number = layout.GroupOf(ram.Piece);
                var group =
                    ram.Torrent.Groups.GetValueOrDefault(number)
                    ?? CreateGroup(ram.Torrent, number, layout.PartsOf(number), RoomNeed.Ahead);
                if (group is null)
                {
                    break;
                }

                ram.Group = group;
                ram.State = RamState.Waiting;
                _index.Enter(group);
                _behind.Write(ram);
            }

            RoomChanged();
        }
    }

    private void Snapshot()
    {
        lock (_gate)
        {
            _records.Clear();
            _records.AddHeader();
            foreach (var torrent in _index.InOrder)
            {
                torrent.JournalName = 0;
                AddToSnapshot(torrent.Probation);
                AddToSnapshot(torrent.Protected);
            }
        }

        try
        {
            _journal.Replace(_records.Records);
        }
        catch (Exception exception) // whatever it is: the old journal is still good
        {
            _logger.SnapshotFailed(exception);
            lock (_gate)
            {
                ForgetJournalNames();
            }
        }
    }

    private void AddToSnapshot(GroupList list)
    {
        for (var group = list.Oldest; group is not null; group = group.Newer)
        {
            if (group.Stored != 0)
            {
                _records.AddGroup(group, group.Stored, group.Bytes);
            }
        }
    }

    private void WriteToSlots(GroupLayout layout, CacheGroup group, int piece, int offset, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var (part, at) = layout.Place(piece, offset);
            var count = Math.Min(data.Length, _index.SlotLength - at);
            _slabs.Write(group.Slots[part], at, data[..count]);
            data = data[count..];
            offset += count;
        }
    }
}
