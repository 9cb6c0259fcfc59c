// Longer than most: slots, order of use and the choice of victims are one thing; each is only right together with the others.
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Which slot holds what, when it was used, and what is evicted first. Pure bookkeeping, guarded by the cache's lock.</summary>
/// <remarks>
/// Victims: torrents that are not open, longest closed first; then open ones without readers; then those with readers, oldest use first.
/// Never what is busy, pinned or inside a reader's window. Within a torrent the order is a segmented LRU that only readers touch.
/// </remarks>
internal sealed class CacheIndex(DiskBudget budget, int slotLength, int capacity)
{
    private const int ReuseSeconds = 30; // a second touch sooner is the same reading

    private readonly Dictionary<InfoHash, CachedTorrent> _torrents = [];
    private readonly LinkedList<CachedTorrent> _closed = new();
    private readonly LinkedList<CachedTorrent> _quiet = new();
    private readonly LinkedList<CachedTorrent> _reading = new();
    private readonly Stack<int> _free = new();
    private readonly List<int> _setAside = [];
    private readonly Stack<int> _holes = new(); // slots that take no space on disk: it was given away
    private readonly List<CacheGroup> _victims = [];
    private long _clock;
    private int _reusedSlots;

    /// <summary>Bytes of a slot.</summary>
    public int SlotLength => slotLength;

    /// <summary>Slots that fit; <see cref="int.MaxValue"/>: no limit.</summary>
    public int Capacity => capacity;

    /// <summary>Slots that exist on disk, or are about to.</summary>
    public int Grown { get; private set; }

    /// <summary>Slots of groups that are busy.</summary>
    public int BusySlots { get; private set; }

    /// <summary>The disk refused bytes: nothing grows until it is tried again.</summary>
    public bool GrowthStopped { get; set; }

    public long PieceCount { get; private set; }

    public long ByteCount { get; private set; }

    public int GroupCount { get; private set; }

    /// <summary>How often all pieces were doubted: what was written or hashed before the last time may have been lost since.</summary>
    public int Doubts { get; private set; }

    public int LiveSlots => Grown - _free.Count - _setAside.Count - _holes.Count - Pinned.Count;

    /// <summary>Slots that sockets have pinned, or may have.</summary>
    public PinnedSlots Pinned { get; } = new();

    /// <summary>The cache is closed: nothing is opened, read or retried any more.</summary>
    public bool IsClosed { get; set; }

    /// <summary>There is no limit but the disk itself.</summary>
    public bool IsDiskTheLimit => budget.Limit < 0;

    /// <summary>Bytes in all; -1: no limit.</summary>
    public long Limit => budget.Limit;

    public int TorrentCount => _torrents.Count;

    /// <summary>All torrents, those first whose groups go first.</summary>
    public IEnumerable<CachedTorrent> InOrder => _closed.Concat(_quiet).Concat(_reading);

    /// <summary>Torrents that are open.</summary>
    public IEnumerable<CachedTorrent> Opened => _quiet.Concat(_reading);

    public CachedTorrent? Find(InfoHash hash)
    {
        return _torrents.GetValueOrDefault(hash);
    }

    public CachedTorrent GetOrAdd(InfoHash hash)
    {
        if (!_torrents.TryGetValue(hash, out var torrent))
        {
            torrent = new CachedTorrent(hash);
            _torrents.Add(hash, torrent);
            torrent.Node = _closed.AddLast(torrent);
        }

        return torrent;
    }

    /// <summary>Moves a torrent to the list that its state belongs to; removes it when nothing is left of it.</summary>
    public void Reposition(CachedTorrent torrent)
    {
        var list =
            torrent.View is null ? _closed
            : torrent.Windows.Count == 0 ? _quiet
            : _reading;
        if (list == _closed && torrent.Groups.Count == 0 && torrent.Ram.Count == 0)
        {
            torrent.Node?.List?.Remove(torrent.Node);
            torrent.Node = null;
            torrent.JournalName = 0; // it may come back, with a piece that is open still, to a journal that was rewritten
            _torrents.Remove(torrent.Hash);
        }
        else if (torrent.Node?.List != list)
        {
            torrent.Node?.List?.Remove(torrent.Node);
            torrent.Node = list.AddLast(torrent);
            _torrents[torrent.Hash] = torrent;
        }
    }

    /// <summary>Takes over a slot file of the last run: slots that no group claims are free.</summary>
    public void Adopt(int grown, IReadOnlySet<int> live)
    {
        Grown = grown;
        budget.Adopt((long)grown * slotLength);
        for (var slot = grown - 1; slot >= 0; slot--)
        {
            if (!live.Contains(slot))
            {
                Free(slot);
            }
        }
    }

    /// <summary>Adds a group that is on disk already; the newest of its torrent.</summary>
    public void AddStored(CacheGroup group, bool reused)
    {
        Link(group);
        if (reused)
        {
            Promote(group);
        }

        GroupCount++;
        _closed.Remove(group.Torrent.Node!);
        _closed.AddLast(group.Torrent.Node!);
    }

    /// <summary>Makes a group with slots of its own. Groups that have to go for it are passed to <paramref name="evict"/>. Null: not now.</summary>
    public CacheGroup? TryCreate(CachedTorrent torrent, int number, int parts, SpaceNeed need, Action<CacheGroup> evict)
    {
        if (
            need == SpaceNeed.Ahead
            && capacity != int.MaxValue
            && BusySlots + parts > Math.Max(1, (GrowthStopped ? Grown : capacity) / 4 * 3)
        )
        {
            return null;
        }

        var reserved = 0;
        while (_free.Count + reserved < parts && !GrowthStopped && Grown + reserved < MaxGrown && budget.TryReserve(slotLength))
        {
            reserved++;
        }

        if (!Pinned.IsChecking) // slots may become free in a moment
        {
            ChooseVictims(parts - _free.Count - reserved, need);
        }

        _victims.ForEach(evict);
        _victims.Clear();
        if (_free.Count + reserved < parts)
        {
            budget.Release((long)reserved * slotLength); // also when some of the victims' slots are in quarantine: asked again when they are free
            return null;
        }

        var slots = new int[parts];
        for (var i = 0; i < parts; i++)
        {
            if (!_free.TryPop(out slots[i]))
            {
                slots[i] = _holes.TryPop(out var hole) ? hole : Grown++;
                reserved--;
            }
        }

        budget.Release((long)reserved * slotLength); // the last victim had more slots than were missing
        var group = new CacheGroup(torrent, number, slots);
        Link(group);
        GroupCount++;
        return group;
    }

    /// <summary>Whether so many slots are free, or can be had, without evicting anything.</summary>
    public bool Fits(int slots)
    {
        var missing = slots - _free.Count;
        return missing <= 0 || (!GrowthStopped && Grown + missing <= MaxGrown && budget.Fits((long)missing * slotLength));
    }

    /// <summary>Reserves bytes for something else than slots.</summary>
    public bool TryReserve(long bytes)
    {
        return budget.TryReserve(bytes);
    }

    public void Release(long bytes)
    {
        budget.Release(bytes);
    }

    /// <summary>Takes slots out of use, evicting groups that no reader used since then, until <see cref="EndGivingAway"/>. Empty: there are not so many.</summary>
    /// <param name="count">How many.</param>
    /// <param name="before">A timestamp; a group that was used later is not evicted.</param>
    /// <param name="drop">Takes a group out of the cache for good.</param>
    public List<int> GiveAway(int count, long before, Action<CacheGroup> drop)
    {
        while (_free.Count < count && FindVictim() is { } victim && victim.TouchedAt < before)
        {
            drop(victim);
        }

        var slots = new List<int>();
        while (_free.Count + slots.Count >= count && slots.Count < count)
        {
            slots.Add(_free.Pop());
        }

        return slots;
    }

    /// <summary>The slots are holes now, and their bytes are free; or they are still there.</summary>
    public void EndGivingAway(List<int> slots, bool areHoles)
    {
        foreach (var slot in slots)
        {
            (areHoles ? _holes : _free).Push(slot);
        }

        budget.Release(areHoles ? (long)slots.Count * slotLength : 0);
    }

    /// <summary>A piece of the group is open or being written: its slots stay.</summary>
    public void BeginUse(CacheGroup group)
    {
        if (group.Busy++ == 0)
        {
            BusySlots += group.Slots.Length;
        }
    }

    /// <summary>Takes one <see cref="BeginUse"/> back. A group without any piece goes.</summary>
    public void EndUse(CacheGroup group)
    {
        if (--group.Busy == 0)
        {
            BusySlots -= group.Slots.Length;
        }

        FreeIfUnused(group);
    }

    /// <summary>Frees the slots of a group that is out of the index, when nothing writes or pins them any more.</summary>
    public void FreeIfUnused(CacheGroup group)
    {
        if (group.Busy > 0)
        {
            return;
        }

        if (!group.Dead && group.Stored == 0)
        {
            Unlink(group);
        }

        if (group.Dead && group.Pins == 0 && group.Slots.Length > 0)
        {
            for (var i = group.Slots.Length - 1; i >= 0; i--)
            {
                Free(group.Slots[i]);
            }

            group.Slots = [];
        }
    }

    /// <summary>Takes a group out of the index; its slots are freed when nothing reads or writes them any more.</summary>
    public void Unlink(CacheGroup group)
    {
        SetStored(group, 0, 0);
        group.Dead = true;
        group.Torrent.Groups.Remove(group.Number);
        if (group.List == group.Torrent.Protected)
        {
            _reusedSlots -= group.Slots.Length;
        }

        group.List?.Remove(group);
        GroupCount--;
        if (group.Torrent.Groups.Count == 0)
        {
            Reposition(group.Torrent);
        }
    }

    public void SetStored(CacheGroup group, ulong mask, long bytes)
    {
        PieceCount += System.Numerics.BitOperations.PopCount(mask) - System.Numerics.BitOperations.PopCount(group.Stored);
        ByteCount += bytes - group.Bytes;
        group.Stored = mask;
        group.Confirmed &= mask;
        group.Bytes = bytes;
    }

    /// <summary>Every piece is to be hashed again before its next use.</summary>
    public void DoubtAll()
    {
        Doubts++;
        foreach (var group in InOrder.SelectMany(static torrent => torrent.Groups.Values))
        {
            group.Confirmed = 0;
        }
    }

    /// <summary>Every piece of one torrent is to be hashed again before its next use. Checks under way, of whatever torrent, say nothing of later uses.</summary>
    public void Doubt(CachedTorrent torrent)
    {
        Doubts++;
        foreach (var group in torrent.Groups.Values)
        {
            group.Confirmed = 0;
        }
    }

    /// <summary>A reader used the group.</summary>
    public void Touch(CacheGroup group, long now, long frequency)
    {
        if (group.TouchedAt != 0 && now - group.TouchedAt < ReuseSeconds * frequency)
        {
            return;
        }

        var first = group.TouchedAt == 0;
        group.TouchedAt = Math.Max(1, now);
        group.Used = ++_clock;
        if (first)
        {
            group.List!.Remove(group);
            group.Torrent.Probation.AddNewest(group);
        }
        else
        {
            Promote(group);
        }
    }

    /// <summary>Some pieces of a group are not on disk any more.</summary>
    public void ClearStored(CacheGroup group, ulong pieces)
    {
        var mask = group.Stored & ~pieces;
        if (mask != group.Stored)
        {
            SetStored(group, mask, group.Torrent.Layout!.BytesOf(group.Number, mask));
        }
    }

    /// <summary>The disk refused bytes of a group: if it holds nothing but the piece concerned, its slots are out of use until <see cref="RetrySetAside"/>.</summary>
    public void SetAsideIfEmpty(CacheGroup group)
    {
        if (group.Stored != 0 || group.Busy != 1 || group.Dead)
        {
            return;
        }

        Unlink(group);
        BusySlots -= group.Slots.Length;
        _setAside.AddRange(group.Slots);
        group.Slots = [];
    }

    public void RetrySetAside()
    {
        foreach (var slot in _setAside)
        {
            Free(slot);
        }

        _setAside.Clear();
        GrowthStopped = false;
    }

    /// <summary>No socket has pages of this slot any more: it is free.</summary>
    public void EndQuarantine(int slot)
    {
        Pinned.Release(slot);
        _free.Push(slot);
    }

    /// <summary>The group that goes next, but for those chosen already. Null: none may.</summary>
    public CacheGroup? FindVictim()
    {
        foreach (var list in (ReadOnlySpan<LinkedList<CachedTorrent>>)[_closed, _quiet])
        {
            for (var node = list.First; node is not null; node = node.Next)
            {
                if (FindVictim(node.Value) is { } victim)
                {
                    return victim;
                }
            }
        }

        CacheGroup? oldest = null;
        for (var node = _reading.First; node is not null; node = node.Next)
        {
            if (FindVictim(node.Value) is { } victim && (oldest is null || victim.Used < oldest.Used))
            {
                oldest = victim;
            }
        }

        return oldest;
    }

    // Slots that may be in the files, holes apart.
    private int MaxGrown => capacity == int.MaxValue ? capacity : capacity + _holes.Count;

    private void Free(int slot)
    {
        if (!Pinned.TryQuarantine(slot))
        {
            _free.Push(slot);
        }
    }

    private static CacheGroup? FindVictim(CachedTorrent torrent)
    {
        return FindVictim(torrent, torrent.Probation) ?? FindVictim(torrent, torrent.Protected);
    }

    private static CacheGroup? FindVictim(CachedTorrent torrent, GroupList list)
    {
        for (var group = list.Oldest; group is not null; )
        {
            var next = group.Newer;
            if (IsFree(group) && !IsWanted(torrent, group))
            {
                if (!group.SecondChance)
                {
                    return group;
                }

                group.SecondChance = false;
                if (next is not null)
                {
                    list.Remove(group);
                    list.AddNewest(group);
                }
                else
                {
                    return group;
                }
            }

            group = next;
        }

        return null;
    }

    private static bool IsFree(CacheGroup group)
    {
        if (group.Busy > 0 || group.Chosen)
        {
            return false;
        }

        group.WasMissed |= group.Pins > 0;
        return group.Pins == 0;
    }

    private static bool IsWanted(CachedTorrent torrent, CacheGroup group)
    {
        return torrent.View is not null
            && (
                torrent.IsPinned(group)
                || torrent.IsInWindow(torrent.Layout!.FirstPieceOf(group.Number), torrent.Layout.LastPieceOf(group.Number))
            );
    }

    /// <summary>Chooses groups with so many slots together, or none.</summary>
    private void ChooseVictims(int missing, SpaceNeed need)
    {
        while (missing > 0)
        {
            var victim =
                FindVictim()
                ?? FindWindowVictim(PiecesBehind)
                ?? (need >= SpaceNeed.Urgent ? FindWindowVictim(PiecesAhead) : null)
                ?? (need == SpaceNeed.Overdue ? FindOldest() : null);
            if (victim is null)
            {
                _victims.ForEach(static spared => spared.Chosen = false);
                _victims.Clear();
                return;
            }

            victim.Chosen = true;
            _victims.Add(victim);
            missing -= victim.Slots.Length;
        }
    }

    /// <summary>In a cache that windows fill wholly: the group that is worth least to them. What readers have behind them goes before what lies ahead.</summary>
    private CacheGroup? FindWindowVictim(Func<KeptWindow, int, int, int> worth)
    {
        CacheGroup? best = null;
        var bestDistance = 0;
        foreach (var torrent in _reading)
        {
            foreach (var group in torrent.Groups.Values)
            {
                if (!IsFree(group) || torrent.IsPinned(group))
                {
                    continue;
                }

                var first = torrent.Layout!.FirstPieceOf(group.Number);
                var last = torrent.Layout.LastPieceOf(group.Number);
                var distance = int.MaxValue;
                foreach (var window in torrent.Windows)
                {
                    if (window.Overlaps(first, last))
                    {
                        distance = Math.Min(distance, worth(window, first, last));
                    }
                }

                if (distance > bestDistance)
                {
                    best = group;
                    bestDistance = distance;
                }
            }
        }

        return best;
    }

    /// <summary>For a reader that has waited longest: the group used longest ago, also under another reader. A player that pauses fetches it again.</summary>
    private CacheGroup? FindOldest()
    {
        CacheGroup? oldest = null;
        foreach (var torrent in _reading)
        {
            foreach (var group in torrent.Groups.Values)
            {
                if (IsFree(group) && !torrent.IsPinned(group) && (oldest is null || group.Used < oldest.Used))
                {
                    oldest = group;
                }
            }
        }

        return oldest;
    }

    /// <summary>Pieces that a reader is past the group; less than 1: it is not.</summary>
    private static int PiecesBehind(KeptWindow window, int first, int last)
    {
        return window.Position - last;
    }

    /// <summary>Pieces that a reader still has to go to the group; 0 where it may be now.</summary>
    private static int PiecesAhead(KeptWindow window, int first, int last)
    {
        var position = window.Position < 0 ? window.First : window.Position;
        return position > last ? 1 : Math.Max(0, first - position);
    }

    private void Link(CacheGroup group)
    {
        group.Used = ++_clock;
        group.Torrent.Groups.Add(group.Number, group);
        group.Torrent.Probation.AddNewest(group);
        if (group.Torrent.Node is null)
        {
            Reposition(group.Torrent);
        }
    }

    private void Promote(CacheGroup group)
    {
        var torrent = group.Torrent;
        if (group.List != torrent.Protected)
        {
            _reusedSlots += group.Slots.Length;
        }

        group.List!.Remove(group);
        torrent.Protected.AddNewest(group);
        var limit = (capacity == int.MaxValue ? Grown : capacity) / 5 * 4;
        while (_reusedSlots > limit && torrent.Protected.Oldest is { } oldest && oldest != group)
        {
            _reusedSlots -= oldest.Slots.Length;
            torrent.Protected.Remove(oldest);
            torrent.Probation.AddNewest(oldest);
        }
    }
}
