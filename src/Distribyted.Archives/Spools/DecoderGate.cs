using System.Globalization;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Spools;

/// <summary>What limits the decompressions of archives at one depth: how many exist, and the memory that they take together. Who asked first is served first. Safe for
/// use by many threads.</summary>
/// <remarks>A limit for each depth, and not one for all: an inner archive waits for bytes of the outer one, which must not wait for memory that the inner one has.
/// What was released counts until the garbage collector has run: large arrays stay until then, and one is only asked for when the space is needed.</remarks>
/// <param name="depth">How deep the archives lie in others, from 0.</param>
/// <param name="most">Most decompressions.</param>
internal sealed class DecoderGate(int depth, int most)
{
    private static readonly long[] Limits = [288L << 20, 160L << 20, 96L << 20, 96L << 20];

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new(); // guarded by _lock, as all that follows
    private int _decoders;
    private long _used;
    private long _garbage;
    private int _collections;

    /// <summary>Bytes of memory for all decompressions of the program.</summary>
    public static long TotalMemory => Limits.Sum();

    public static int Depths => Limits.Length;

    /// <summary>Bytes of memory for decompressions at this depth.</summary>
    public long Limit => Limits[depth];

    /// <summary>Bytes that decompressions have now, and those that were released and not collected yet.</summary>
    public long Memory
    {
        get
        {
            lock (_lock)
            {
                return _used + _garbage;
            }
        }
    }

    /// <summary>Whether a decompression waits for another one to end.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Waits until one more decompression may exist and has its memory.</summary>
    /// <param name="name">Of what is decompressed, for messages.</param>
    /// <param name="memory">Bytes that it takes.</param>
    /// <param name="cancellationToken">Takes the wait back.</param>
    /// <exception cref="ArchiveException">It takes more than there ever is.</exception>
    public Task TakeAsync(string name, long memory, CancellationToken cancellationToken)
    {
        if (memory > Limit)
        {
            throw new ArchiveException(
                ArchiveFailure.NotSupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} needs {Mebibytes(memory)} MiB of memory to be decompressed; {Mebibytes(Limit)} MiB is the most {(depth == 0 ? "" : "for archives in archives ")}here."
                )
            );
        }

        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && TryTake(memory))
            {
                return Task.CompletedTask;
            }

            node = _waiting.AddLast(new Waiter(memory));
        }

        return WaitAsync(node, cancellationToken);
    }

    /// <summary>The decompression has ended.</summary>
    /// <param name="memory">As it was taken.</param>
    public void Release(long memory)
    {
        lock (_lock)
        {
            _decoders--;
            _used -= memory;
            if (GC.CollectionCount(GC.MaxGeneration) is var collections && collections != _collections)
            {
                (_collections, _garbage) = (collections, 0);
            }

            _garbage += memory;
            ServeWaiting();
        }
    }

    private static long Mebibytes(long bytes)
    {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    private async Task WaitAsync(LinkedListNode<Waiter> node, CancellationToken cancellationToken)
    {
        try
        {
            await node.Value.Served.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            bool wasServed;
            lock (_lock)
            {
                wasServed = node.List is null;
                node.List?.Remove(node);
                ServeWaiting();
            }

            if (wasServed)
            {
                Release(node.Value.Memory);
            }

            throw;
        }
    }

    private void ServeWaiting()
    {
        while (_waiting.First is { } first && TryTake(first.Value.Memory))
        {
            _waiting.RemoveFirst();
            first.Value.Served.SetResult();
        }
    }

    private bool TryTake(long memory)
    {
        if (_decoders == most || _used + memory > Limit)
        {
            return false;
        }

        if (_used + _garbage + memory > Limit)
        {
            GC.Collect();
            (_collections, _garbage) = (GC.CollectionCount(GC.MaxGeneration), 0);
        }

        _decoders++;
        _used += memory;
        return true;
    }

    private sealed record Waiter(long Memory)
    {
        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
