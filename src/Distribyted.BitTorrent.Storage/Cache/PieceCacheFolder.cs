using Distribyted.BitTorrent.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Opens the folder of a piece cache: slot size, limit, journal, and making it smaller when the limit became so.</summary>
internal static class PieceCacheFolder
{
    /// <summary>Records that a journal may have beyond twice its live ones before it is rewritten.</summary>
    public const int JournalSlack = 4096;

    private const int JournalMargin = 8192; // slack, and a batch that runs over it
    private const int FolderBytes = 64 * 1024; // what the folder itself shows in du

    public static PieceCache Open(CacheOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = options.Folder;
        Directory.CreateDirectory(folder);
        var measure = DiskBudget.MeasureDiskOf(folder);
        var budget = new DiskBudget(options.Size, measure);
        var replay = new JournalReplay();
        var journal = SlabJournal.Open(folder, replay.Apply, out var slotLength);
        if (journal is null)
        {
            if (Directory.EnumerateFileSystemEntries(folder).Any())
            {
                logger.CacheReset(folder);
            }

            SlabStore.DeleteAll(folder);
            slotLength = SlabStore.SlotLengthFor(options.Size >= 0 ? options.Size : measure().Total);
            journal = SlabJournal.Create(folder, slotLength);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var slabs = new SlabStore(folder, slotLength);
        var capacity = CapacityOf(options.Size, slotLength);
        budget.Adopt(options.Size >= 0 ? JournalBytes(capacity) : 0);
        var index = new CacheIndex(budget, slotLength, capacity);
        var records = new JournalWriter(slotLength);
        records.ContinueAfter(replay.LastSequence);

        var grown = slabs.CountSlots();
        var groups = replay.Finish(grown);
        var mayBePinned = File.Exists(Path.Combine(folder, SlotQuarantine.MarkFile)); // sockets may outlive the run that filled them
        var mustShrink = grown > capacity;
        if (mustShrink)
        {
            Shrink(slabs, groups, capacity, mayBePinned, logger);
            grown = capacity;
        }

        if (mayBePinned)
        {
            index.Pinned.AddAll(grown);
        }

        index.Adopt(grown, groups.SelectMany(group => group.Slots).ToHashSet());
        foreach (var found in groups)
        {
            var group = new CacheGroup(index.GetOrAdd(found.Hash), found.Group, found.Slots);
            index.AddStored(group, (found.Flags & JournalRecord.Reused) != 0);
            index.SetStored(group, found.Mask, found.Bytes);
        }

        if (mustShrink)
        {
            records.AddHeader();
            foreach (var group in index.InOrder.SelectMany(torrent => torrent.Groups.Values).OrderBy(group => group.Used))
            {
                records.AddGroup(group, group.Stored, group.Bytes);
            }

            journal.Replace(records.Records); // before the slots that the old journal names are cut off
            slabs.Truncate(capacity);
        }

        logger.CacheOpened(folder, index.PieceCount, index.ByteCount, options.Size);
        return new PieceCache(options, slabs, journal, records, index, time, logger);
    }

    /// <summary>Slots that fit in a limit, the largest journal and its snapshot beside them.</summary>
    public static int CapacityOf(long limit, int slotLength)
    {
        if (limit < 0)
        {
            return int.MaxValue;
        }

        const long PerSlot = 2L * 4 * JournalRecord.Length; // a slot may be a torrent of its own: two records, twice, in two files
        const long Fixed = FolderBytes + (2L * JournalMargin * JournalRecord.Length);
        return (int)Math.Clamp((limit - Fixed) / (slotLength + PerSlot), 0, int.MaxValue - 1);
    }

    private static long JournalBytes(int capacity)
    {
        return FolderBytes + (2L * JournalRecord.Length * ((4L * capacity) + JournalMargin));
    }

    /// <summary>Keeps the most recently used groups that fit, all of them in slots below the capacity.</summary>
    private static void Shrink(SlabStore slabs, List<ReplayedGroup> groups, int capacity, bool mayBePinned, ILogger logger)
    {
        var before = groups.Count;
        var live = groups.Sum(group => (long)group.Slots.Length);
        var gone = 0;
        while (live > capacity)
        {
            live -= groups[gone++].Slots.Length;
        }

        groups.RemoveRange(0, gone);
        var taken = groups.SelectMany(group => group.Slots).ToHashSet();
        var targets = Enumerable
            .Range(0, capacity)
            .Where(slot => !taken.Contains(slot) && (!mayBePinned || slabs.TryDropFromPageCache(slot)))
            .GetEnumerator();
        var buffer = new byte[slabs.SlotLength];
        var moved = 0;
        for (var i = groups.Count - 1; i >= 0; i--) // the last used first: where sockets have pinned slots there may be too few
        {
            var slots = groups[i].Slots;
            for (var part = 0; part < slots.Length; part++)
            {
                if (slots[part] < capacity)
                {
                    continue;
                }

                if (!targets.MoveNext())
                {
                    groups.RemoveAt(i);
                    break;
                }

                var count = slabs.Read(slots[part], 0, buffer);
                slabs.Write(targets.Current, 0, buffer.AsSpan(0, count));
                slots[part] = targets.Current;
                moved++;
            }
        }

        logger.CacheShrunk(before - groups.Count, moved);
    }
}
