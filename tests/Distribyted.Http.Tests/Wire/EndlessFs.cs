using Distribyted.FileSystem;

namespace Distribyted.Http.Tests.Wire;

/// <summary>One long file, <c>/film.mkv</c>, that is always there: what holds it up is the client.</summary>
internal sealed class EndlessFs(long length) : IFileSystem
{
    private readonly FileEntry _entry = new("film.mkv", false, length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "endless");
    private long _reads;

    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when reads have come to a stop: the socket's buffers are full.</summary>
    public async Task WaitUntilStuckAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var seen = -1L;
        while (seen != Interlocked.Read(ref _reads) || seen == 0)
        {
            seen = Interlocked.Read(ref _reads);
            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<FileEntry?>(_entry);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<DirectoryListing?>(null);
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<FileReader?>(new Reader(this));
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(default(Space));
    }

    private sealed class Reader(EndlessFs files) : FileReader
    {
        public override FileEntry Entry => files._entry;

        public override ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref files._reads);
            return ValueTask.FromResult(destination.Length);
        }

        public override ValueTask DisposeAsync()
        {
            files.Disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
