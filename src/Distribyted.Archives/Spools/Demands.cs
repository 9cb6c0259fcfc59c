using Distribyted.FileSystem;

namespace Distribyted.Archives.Spools;

/// <summary>Reads that wait for bytes of a block, in the order in which they came. Guarded by the lock of <see cref="SpoolStore"/>.</summary>
internal sealed class Demands
{
    private readonly LinkedList<Demand> _demands = new();

    public LinkedListNode<Demand> Add(long offset)
    {
        return _demands.AddLast(new Demand(offset));
    }

    /// <summary>Which byte is wanted next: that of the read that came first, or of one that needs no jump. Null: none is.</summary>
    /// <param name="from">Where the decompression is.</param>
    /// <param name="until">How far it goes for reads that came later; not behind <paramref name="from"/>: those wait.</param>
    public long? Next(long from, long until)
    {
        for (var node = _demands.First; node is not null && from < until; node = node.Next)
        {
            if (node.Value.Offset >= from && node.Value.Offset < until)
            {
                return node.Value.Offset;
            }
        }

        return _demands.First?.Value.Offset;
    }

    /// <summary>Completes those whose byte is there.</summary>
    public void Complete(Func<long, bool> isThere)
    {
        for (var node = _demands.First; node is not null; )
        {
            var next = node.Next;
            if (isThere(node.Value.Offset))
            {
                _demands.Remove(node);
                node.Value.Complete();
            }

            node = next;
        }
    }

    /// <summary>Fails those that wait for bytes from here on.</summary>
    public void Fail(long from, FileSystemException reason)
    {
        for (var node = _demands.First; node is not null; )
        {
            var next = node.Next;
            if (node.Value.Offset >= from)
            {
                _demands.Remove(node);
                node.Value.Fail(new FileSystemException(reason.Failure, reason.Message, reason));
            }

            node = next;
        }
    }
}
