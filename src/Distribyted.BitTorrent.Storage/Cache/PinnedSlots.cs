namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Which slots were pinned by sockets since they were last written. Such a slot that becomes free is quarantined until the kernel holds none
/// of its pages any more.</summary>
/// <remarks>Bookkeeping only, guarded by the cache's lock. Quarantined slots are checked outside of it; those that are still pinned then are
/// checked again later.</remarks>
internal sealed class PinnedSlots
{
    private readonly List<int> _unchecked = [];
    private readonly List<int> _stillPinned = [];
    private ulong[] _everPinned = [];
    private int _beingChecked;

    /// <summary>Called when a slot is quarantined that no check has begun for.</summary>
    public Action? Quarantined { get; set; }

    /// <summary>Slots in quarantine.</summary>
    public int Count => _unchecked.Count + _beingChecked + _stillPinned.Count;

    /// <summary>Slots in quarantine that the last check found to be pinned still.</summary>
    public int StillPinnedCount => _stillPinned.Count;

    /// <summary>Whether a check is under way or about to begin, so that slots may become free in a moment.</summary>
    public bool IsChecking => _beingChecked + _unchecked.Count > 0;

    /// <summary>A socket gets pages of this slot.</summary>
    public void Add(int slot)
    {
        var word = slot >> 6;
        if (word >= _everPinned.Length)
        {
            Array.Resize(ref _everPinned, Math.Max(word + 1, _everPinned.Length * 2));
        }

        _everPinned[word] |= 1UL << slot;
    }

    /// <summary>Adds all slots below this one: sockets of the last run may have pinned them and outlive it.</summary>
    public void AddAll(int slots)
    {
        for (var slot = 0; slot < slots; slot++)
        {
            Add(slot);
        }
    }

    /// <summary>Quarantines a slot that no group has any more. False: it was never pinned, and is free.</summary>
    public bool TryQuarantine(int slot)
    {
        if (slot >> 6 >= _everPinned.Length || (_everPinned[slot >> 6] >> slot & 1) == 0)
        {
            return false;
        }

        _unchecked.Add(slot);
        Quarantined?.Invoke();
        return true;
    }

    /// <summary>Slots to check now; each has to come back by <see cref="Release"/> or <see cref="KeepInQuarantine"/>.</summary>
    public int[] BeginCheck()
    {
        int[] slots = [.. _unchecked];
        _unchecked.Clear();
        _beingChecked += slots.Length;
        return slots;
    }

    /// <summary>No socket has pages of the slot any more: it leaves quarantine.</summary>
    public void Release(int slot)
    {
        _everPinned[slot >> 6] &= ~(1UL << slot);
        _beingChecked--;
    }

    /// <summary>The slot is still pinned.</summary>
    public void KeepInQuarantine(int slot)
    {
        _stillPinned.Add(slot);
        _beingChecked--;
    }

    /// <summary>Slots that were still pinned are to be checked again.</summary>
    public void CheckAgain()
    {
        _unchecked.AddRange(_stillPinned);
        _stillPinned.Clear();
    }
}
