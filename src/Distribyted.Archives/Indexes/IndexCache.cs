namespace Distribyted.Archives.Indexes;

/// <summary>What is in the archives that were used last: at most a number of entries in all. Safe for use by many threads.</summary>
internal sealed class IndexCache(int maxEntries)
{
    private const int OfOne = 100; // what an archive counts beside its entries

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Tag, ArchiveContent Content)>> _kept = new(StringComparer.Ordinal); // guarded by _lock
    private readonly LinkedList<(string Tag, ArchiveContent Content)> _order = new(); // guarded by _lock; last used first
    private int _entries; // guarded by _lock

    public ArchiveContent? Find(string tag)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(tag, out var node))
            {
                return null;
            }

            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Content;
        }
    }

    /// <summary>Keeps it, unless it is kept already; drops those used longest ago. One that is larger than all may be stays until the next comes.</summary>
    public void Keep(string tag, ArchiveContent content)
    {
        lock (_lock)
        {
            if (_kept.ContainsKey(tag))
            {
                return;
            }

            _kept.Add(tag, _order.AddFirst((tag, content)));
            _entries += SizeOf(content);
            while (_entries > maxEntries && _order.Last is { } last && last != _order.First)
            {
                _order.RemoveLast();
                _kept.Remove(last.Value.Tag);
                _entries -= SizeOf(last.Value.Content);
            }
        }
    }

    private static int SizeOf(ArchiveContent content)
    {
        return OfOne + content.Index.Entries.Length;
    }
}
