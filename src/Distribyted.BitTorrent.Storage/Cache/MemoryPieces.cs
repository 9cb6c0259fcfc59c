using System.Diagnostics;
using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Verified pieces in memory: those that are not on disk yet, and those kept for readers after that (the hot cache).</summary>
internal sealed class MemoryPieces(
    Lock @lock,
    CacheIndex index,
    ExtentPool pool,
    DiskState disk,
    SpaceWaiters space,
    PieceEventQueue events,
    TimeProvider time
) : IWriteOutcome
{
    private readonly Lock _lock = @lock;

    // Guarded by _lock.
    private readonly LinkedList<RamPiece> _unwritten = new();
    private readonly LinkedList<RamPiece> _hot = new();
    private long _unwrittenBytes;

    /// <summary>Verified pieces that are not in the journal yet.</summary>
    public int UnwrittenCount => _unwritten.Count;

    /// <summary>A piece was verified: it can be read from now on.</summary>
    public void Add(RamPiece ram)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        ram.Torrent.Ram.Add(ram.Piece, ram);
        ram.Node = _unwritten.AddLast(ram);
        _unwrittenBytes += ram.Buffer.Reserved;
        if (ram.Torrent.Node is null)
        {
            index.Reposition(ram.Torrent);
        }

        ram.Torrent.View?.Mark(ram.Piece, readable: true, stored: false);
    }

    /// <summary>A reader used the piece: hot ones go least recently used first.</summary>
    public void Touch(RamPiece ram)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (ram.State == RamState.Hot && _hot.Last != ram.Node)
        {
            _hot.Remove(ram.Node!);
            _hot.AddLast(ram.Node!);
        }
    }

    /// <summary>Takes a hot piece out of memory; it stays on disk.</summary>
    public void DropHot(RamPiece ram)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _hot.Remove(ram.Node!);
        pool.ReleaseHot(ram.Buffer.Reserved);
        ram.State = RamState.Dropped;
        ram.Torrent.Ram.Remove(ram.Piece);
        ram.Buffer.Release();
    }

    /// <summary>Takes a piece out of memory that may be nowhere else.</summary>
    public void Drop(RamPiece ram)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (ram.State == RamState.Hot)
        {
            DropHot(ram);
            return;
        }

        var isBeingWritten = ram.State == RamState.Writing; // then the journal keeper lets go of buffer and slots
        RemoveUnwritten(ram);
        pool.Release(ram.Buffer.Reserved);
        ram.State = RamState.Dropped;
        ram.Torrent.Ram.Remove(ram.Piece);
        if (!isBeingWritten)
        {
            ram.Buffer.Release();
            if (ram.Group is { } group)
            {
                index.EndUse(group);
            }
        }

        events.PieceGone(ram.Torrent, ram.Piece);
        if (ram.Torrent.View is null)
        {
            index.Reposition(ram.Torrent);
        }

        space.Changed();
    }

    /// <summary>For a disk that is slower than the network, or full: drops pieces unwritten that no reader is going to read. True: some memory became free.</summary>
    public bool Shed(long bytes)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var freed = 0L;
        for (var node = _unwritten.First; node is not null && freed < bytes; )
        {
            var next = node.Next;
            var ram = node.Value;
            var mayGo = ram.State == RamState.RamOnly || (ram.State == RamState.Waiting && _unwrittenBytes > pool.PieceMemory / 2);
            if (mayGo && (ram.Torrent.View is null || ram.Torrent.IsPassed(ram.Piece)))
            {
                freed += ram.Buffer.Reserved;
                Drop(ram);
            }

            node = next;
        }

        return freed > 0;
    }

    /// <summary>The disk is tried again: gives slots to pieces that live in memory only, and queues them for writing.</summary>
    public void WriteRamOnly(CacheGroups groups, JournalKeeper journal)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        foreach (var ram in _unwritten.Where(static ram => ram.State == RamState.RamOnly).ToArray())
        {
            var layout = ram.Torrent.Layout!;
            var number = layout.GroupOf(ram.Piece);
            var group =
                ram.Torrent.Groups.GetValueOrDefault(number)
                ?? groups.TryCreate(ram.Torrent, number, layout.PartsOf(number), SpaceNeed.Ahead);
            if (group is null)
            {
                break;
            }

            ram.Group = group;
            ram.State = RamState.Waiting;
            index.BeginUse(group);
            journal.Write(ram);
        }
    }

    void IWriteOutcome.Stored(RamPiece ram)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var group = ram.Group!;
        if (!group.Dead)
        {
            group.StoredAt = Math.Max(1, time.GetTimestamp());
            events.PieceStored(ram.Torrent, ram.Piece);
        }

        index.EndUse(group);
        if (ram.State != RamState.Writing)
        {
            ram.Buffer.Release(); // dropped meanwhile
            return;
        }

        RemoveUnwritten(ram);
        if (!ram.Spilled && !group.Dead && ram.Buffer.Reserved <= pool.HotCache)
        {
            KeepHot(ram);
            return;
        }

        pool.Release(ram.Buffer.Reserved);
        ram.State = RamState.Dropped;
        ram.Torrent.Ram.Remove(ram.Piece);
        ram.Buffer.Release();
        if (group.Dead)
        {
            events.PieceGone(ram.Torrent, ram.Piece);
        }
    }

    void IWriteOutcome.NotStored(RamPiece ram, Exception reason)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var group = ram.Group!;
        var layout = ram.Torrent.Layout!;
        if (ram.State == RamState.Writing)
        {
            index.ClearStored(group, layout.BitOf(ram.Piece));
        }

        index.SetAsideIfEmpty(group);
        ram.Group = null;
        index.EndUse(group);
        if (ram.State == RamState.Writing)
        {
            ram.State = RamState.RamOnly;
            if (ram.Spilled)
            {
                Drop(ram); // its bytes were in those slots
            }
        }
        else
        {
            ram.Buffer.Release();
        }

        disk.Refused(reason.Message);
        space.Changed();
    }

    private void KeepHot(RamPiece ram)
    {
        while (pool.HotUsed + ram.Buffer.Reserved > pool.HotCache)
        {
            DropHot(_hot.First!.Value);
        }

        ram.State = RamState.Hot;
        ram.Node = _hot.AddLast(ram);
        pool.MoveToHot(ram.Buffer.Reserved);
    }

    private void RemoveUnwritten(RamPiece ram)
    {
        _unwritten.Remove(ram.Node!);
        _unwrittenBytes -= ram.Buffer.Reserved;
    }
}
