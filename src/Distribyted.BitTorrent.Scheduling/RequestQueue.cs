namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What was asked of a peer, oldest first. Peers mostly answer in this order, so a search from the front is short.</summary>
internal sealed class RequestQueue
{
    private Request[] _items = new Request[16];
    private int _head;

    public int Count { get; private set; }

    public ref Request this[int index] => ref _items[(_head + index) & (_items.Length - 1)];

    public void Enqueue(in Request request)
    {
        if (Count == _items.Length)
        {
            Grow();
        }

        _items[(_head + Count) & (_items.Length - 1)] = request;
        Count++;
    }

    /// <summary>Where this block is; -1: it was not asked.</summary>
    public int Find(int piece, int block)
    {
        for (var i = 0; i < Count; i++)
        {
            ref var item = ref this[i];
            if (item.Piece == piece && item.Block == block)
            {
                return i;
            }
        }

        return -1;
    }

    public void RemoveAt(int index)
    {
        for (var i = index; i > 0; i--)
        {
            this[i] = this[i - 1];
        }

        _head = (_head + 1) & (_items.Length - 1);
        Count--;
    }

    public void Clear()
    {
        _head = 0;
        Count = 0;
    }

    private void Grow()
    {
        var bigger = new Request[_items.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            bigger[i] = this[i];
        }

        _items = bigger;
        _head = 0;
    }
}
