using System.Diagnostics;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Makes groups, for which others may be evicted, and takes groups out, with all that follows from it: memory, events, journal.</summary>
internal sealed class CacheGroups
{
    private readonly Lock _lock;
    private readonly CacheIndex _index;
    private readonly MemoryPieces _memory;
    private readonly JournalKeeper _journal;
    private readonly DiskState _disk;
    private readonly PieceEventQueue _events;
    private readonly ILogger _logger;
    private readonly Action<CacheGroup> _evict;

    public CacheGroups(
        Lock @lock,
        CacheIndex index,
        MemoryPieces memory,
        JournalKeeper journal,
        DiskState disk,
        PieceEventQueue events,
        ILogger logger
    )
    {
        _lock = @lock;
        _index = index;
        _memory = memory;
        _journal = journal;
        _disk = disk;
        _events = events;
        _logger = logger;
        _evict = Evict;
    }

    /// <summary>Called when the last stored piece of a torrent that is not open was evicted; on a pool thread.</summary>
    public Action<InfoHash>? Emptied { get; set; }

    /// <summary>What others keep within the limit; null: nothing.</summary>
    public SharedSpace? Shared { get; set; }

    /// <summary>Makes a group with slots of its own, and evicts for it what has to go. Null: there is no space now.</summary>
    public CacheGroup? TryCreate(CachedTorrent torrent, int number, int parts, SpaceNeed need)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (Shared?.IsAsked(parts) == true)
        {
            return null;
        }

        var group = _index.TryCreate(torrent, number, parts, need, _evict);
        if (group is null && _index.IsDiskTheLimit && !_index.GrowthStopped && !_index.Pinned.IsChecking)
        {
            _disk.Refused("the last gigabyte, or 5 %, stays free");
        }

        return group;
    }

    /// <summary>Takes a group out for good: the journal is told.</summary>
    public void Drop(CacheGroup group)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (group.Stored != 0)
        {
            _journal.Record(JournalEntry.ForDropped(group.Slots));
        }

        Evict(group);
    }

    /// <summary>Takes some pieces of a group out for good.</summary>
    public void DropPieces(CacheGroup group, ulong mask)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        PiecesGone(group, mask);
        _index.ClearStored(group, mask);
        _journal.Record(JournalEntry.ForGroup(group));
    }

    /// <summary>Takes a group out to make space. The journal is not told: the record of the slots' next owner replaces this one's.</summary>
    private void Evict(CacheGroup group)
    {
        var torrent = group.Torrent;
        var hadPieces = group.Stored != 0;
        PiecesGone(group, group.Stored);
        _index.Unlink(group);
        _index.FreeIfUnused(group);
        if (hadPieces && torrent.View is null && Emptied is { } emptied && torrent.Groups.Values.All(static left => left.Stored == 0))
        {
            Background.Queue("eviction of a torrent's last piece", _logger, () => emptied(torrent.Hash));
        }
    }

    private void PiecesGone(CacheGroup group, ulong mask)
    {
        var torrent = group.Torrent;
        if (torrent.Layout is not { } layout || group.Number >= layout.GroupCount)
        {
            return;
        }

        foreach (var piece in layout.PiecesOf(group.Number, mask))
        {
            if (torrent.Ram.TryGetValue(piece, out var ram) && ram.State == RamState.Hot)
            {
                _memory.DropHot(ram);
            }

            _events.PieceGone(torrent, piece);
        }
    }
}
