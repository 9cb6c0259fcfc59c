using Distribyted.FileSystem;

namespace Distribyted.Http.Tests.Wire;

/// <summary>Counts what is open in another tree.</summary>
internal sealed class CountedFs(IFileSystem inner) : IFileSystem
{
    private int _opened;
    private int _open;
    private int _pinned;
    private long _read;

    /// <summary>Files that were ever opened.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Pins that have not ended.</summary>
    public int Pinned => Volatile.Read(ref _pinned);

    /// <summary>Bytes that were ever read, or sent from where they lie.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Ends when nothing is open any more.</summary>
    public Task WaitUntilClosedAsync(CancellationToken cancellationToken)
    {
        return WaitAsync(() => Volatile.Read(ref _open) == 0, cancellationToken);
    }

    /// <summary>Ends when reads have begun and have come to a stop: the client takes nothing.</summary>
    public Task WaitUntilStuckAsync(CancellationToken cancellationToken)
    {
        var seen = 0L;
        return WaitAsync(
            () =>
            {
                var before = seen;
                seen = Read;
                return seen > 0 && seen == before;
            },
            cancellationToken
        );
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return inner.FindAsync(path, cancellationToken);
    }

    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await inner.LocateAsync(path, cancellationToken) is { } found ? new Found(this, found) : null;
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return inner.ListAsync(path, cancellationToken);
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return Count(await inner.OpenAsync(path, intent, cancellationToken));
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return inner.GetSpaceAsync(cancellationToken);
    }

    private Reader? Count(FileReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        Interlocked.Increment(ref _opened);
        Interlocked.Increment(ref _open);
        return new Reader(this, reader);
    }

    private static async Task WaitAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!isSo())
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    private sealed class Found(CountedFs files, FoundEntry inner) : FoundEntry(inner.Entry)
    {
        public override async ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return files.Count(await inner.OpenAsync(intent, cancellationToken));
        }
    }

    private sealed class Reader(CountedFs files, FileReader inner) : FileReader
    {
        public override FileEntry Entry => inner.Entry;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            var count = await inner.ReadAsync(destination, offset, cancellationToken);
            Interlocked.Add(ref files._read, count);
            return count;
        }

        public override PinnedBytes Pin(long offset, long most)
        {
            var pinned = inner.Pin(offset, most);
            if (pinned.Length == 0)
            {
                return pinned;
            }

            Interlocked.Increment(ref files._pinned);
            return pinned with { Pin = new PinCount(files, pinned) };
        }

        public override void Sent(long offset, int count)
        {
            Interlocked.Add(ref files._read, count);
            inner.Sent(offset, count);
        }

        public override ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref files._open);
            return inner.DisposeAsync();
        }
    }

    private sealed class PinCount(CountedFs files, PinnedBytes inner) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref files._pinned);
            inner.Dispose();
        }
    }
}
