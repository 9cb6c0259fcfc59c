using System.Numerics;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>What a journal says in the end: the last record of a slot wins, and a group counts only with all its parts.</summary>
internal sealed class JournalReplay
{
    private readonly Dictionary<uint, InfoHash> _torrents = [];
    private readonly Dictionary<int, JournalRecord> _slots = [];

    /// <summary>Highest sequence number seen.</summary>
    public ulong LastSequence { get; private set; }

    public void Apply(JournalRecord record)
    {
        LastSequence = Math.Max(LastSequence, record.Sequence);
        switch (record.Kind)
        {
            case JournalKind.Torrent:
                _torrents[record.Torrent] = record.InfoHash;
                break;
            case JournalKind.Put:
                _slots[record.Slot] = record;
                break;
            case JournalKind.Drop:
                _slots.Remove(record.Slot);
                break;
        }
    }

    /// <summary>Complete groups, least recently used first. Slots at or past <paramref name="slotCount"/> were never written.</summary>
    public List<ReplayedGroup> Finish(int slotCount)
    {
        // Of two slots that claim the same part the newer one is meant: the older was evicted, which needs no record.
        var parts = new Dictionary<(InfoHash Hash, int Group, int Part), JournalRecord>();
        foreach (var record in _slots.Values)
        {
            if (record.Slot < slotCount && _torrents.TryGetValue(record.Torrent, out var hash))
            {
                var key = (hash, record.Group, record.Part);
                if (!parts.TryGetValue(key, out var other) || other.Sequence < record.Sequence)
                {
                    parts[key] = record;
                }
            }
        }

        var groups = new List<ReplayedGroup>();
        foreach (var ((hash, group, part), first) in parts)
        {
            if (part != 0)
            {
                continue;
            }

            var slots = new int[first.Parts];
            var bytes = 0L;
            for (var i = 0; i < slots.Length; i++)
            {
                if (!parts.TryGetValue((hash, group, i), out var record) || record.Parts != first.Parts)
                {
                    slots = [];
                    break;
                }

                slots[i] = record.Slot;
                bytes += record.Used;
            }

            if (slots.Length == 1 || (slots.Length > 1 && BitOperations.IsPow2(first.Mask)))
            {
                groups.Add(new ReplayedGroup(hash, group, slots, first.Mask, bytes, first.Flags, first.Sequence));
            }
        }

        groups.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return groups;
    }
}
