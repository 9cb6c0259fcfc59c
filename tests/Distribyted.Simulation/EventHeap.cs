namespace Distribyted.Simulation;

/// <summary>
/// Planned events, the earliest first, and those of one moment in the order in which they were added. A heap with four children for each item, kept apart from the actions:
/// moving an item up or down then moves 16 bytes without a reference in them.
/// </summary>
internal sealed class EventHeap
{
    private const int Children = 4;

    private (long At, uint Order, int Slot)[] _heap = new (long, uint, int)[256];
    private Action?[] _actions = new Action?[256];
    private int[] _freeSlots = [.. Enumerable.Range(0, 256)];
    private int _count;
    private uint _order;

    /// <summary>When the next one happens; <see cref="long.MaxValue"/>: none is planned.</summary>
    public long NextAt => _count == 0 ? long.MaxValue : _heap[0].At;

    public void Add(long at, Action action)
    {
        if (_count == _heap.Length)
        {
            Grow();
        }

        var slot = _freeSlots[_count];
        _actions[slot] = action;
        var item = (at, _order++, slot);
        var index = _count++;
        while (index > 0 && IsBefore(item, _heap[(index - 1) / Children]))
        {
            _heap[index] = _heap[(index - 1) / Children];
            index = (index - 1) / Children;
        }

        _heap[index] = item;
    }

    /// <summary>Takes the next one; there is one.</summary>
    public Action Remove()
    {
        var slot = _heap[0].Slot;
        var action = _actions[slot]!;
        _actions[slot] = null;
        _count--;
        _freeSlots[_count] = slot;
        var last = _heap[_count];
        var index = 0;
        while ((index * Children) + 1 is var child && child < _count)
        {
            var end = Math.Min(child + Children, _count);
            for (var other = child + 1; other < end; other++)
            {
                child = IsBefore(_heap[other], _heap[child]) ? other : child;
            }

            if (!IsBefore(_heap[child], last))
            {
                break;
            }

            _heap[index] = _heap[child];
            index = child;
        }

        _heap[index] = last;
        return action;
    }

    private static bool IsBefore(in (long At, uint Order, int Slot) a, in (long At, uint Order, int Slot) b)
    {
        return a.At != b.At ? a.At < b.At : a.Order < b.Order;
    }

    private void Grow()
    {
        var before = _heap.Length;
        Array.Resize(ref _heap, before * 2);
        Array.Resize(ref _actions, before * 2);
        Array.Resize(ref _freeSlots, before * 2);
        for (var i = before; i < before * 2; i++)
        {
            _freeSlots[i] = i;
        }
    }
}
