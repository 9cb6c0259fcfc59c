namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Slots that were lent to sockets since they were last written. When they become free they rest until the kernel is through with them.</summary>
/// <remarks>Bookkeeping only, guarded by the cache's lock. A slot that rests is looked at outside of it; what is still in use then is held, and
/// looked at again later.</remarks>
internal sealed class LentSlots
{
    private readonly List<int> _resting = [];
    private readonly List<int> _held = [];
    private ulong[] _lent = [];
    private int _looking;

    /// <summary>Called when a slot rests that nobody looks at yet.</summary>
    public Action? Rested { get; set; }

    /// <summary>Slots that are free but for the kernel.</summary>
    public int Count => _resting.Count + _looking + _held.Count;

    /// <summary>Slots that were found in use.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Whether slots may become free in a moment.</summary>
    public bool IsLooking => _looking + _resting.Count > 0;

    public void Add(int slot)
    {
        var word = slot >> 6;
        if (word >= _lent.Length)
        {
            Array.Resize(ref _lent, Math.Max(word + 1, _lent.Length * 2));
        }

        _lent[word] |= 1UL << slot;
    }

    /// <summary>All slots below this one: the last run may have lent them, and its sockets may outlive it.</summary>
    public void AddAll(int slots)
    {
        for (var slot = 0; slot < slots; slot++)
        {
            Add(slot);
        }
    }

    /// <summary>A slot has no owner any more. False: it was not lent, and is free.</summary>
    public bool TryRest(int slot)
    {
        if (slot >> 6 >= _lent.Length || (_lent[slot >> 6] >> slot & 1) == 0)
        {
            return false;
        }

        _resting.Add(slot);
        Rested?.Invoke();
        return true;
    }

    /// <summary>Slots to look at; each has to come back by <see cref="Free"/> or <see cref="Hold"/>.</summary>
    public int[] Take()
    {
        int[] taken = [.. _resting];
        _resting.Clear();
        _looking += taken.Length;
        return taken;
    }

    /// <summary>Nobody has it any more.</summary>
    public void Free(int slot)
    {
        _lent[slot >> 6] &= ~(1UL << slot);
        _looking--;
    }

    /// <summary>It is in use.</summary>
    public void Hold(int slot)
    {
        _held.Add(slot);
        _looking--;
    }

    /// <summary>Those that were in use are to be looked at again.</summary>
    public void LookAgain()
    {
        _resting.AddRange(_held);
        _held.Clear();
    }
}
