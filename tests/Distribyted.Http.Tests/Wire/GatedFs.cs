using System.Collections.Concurrent;
using System.Threading.Channels;
using Distribyted.FileSystem;

namespace Distribyted.Http.Tests.Wire;

/// <summary>One file, <c>/film.mkv</c>, whose bytes come when the test says so: a slow swarm.</summary>
internal sealed class GatedFs(long length) : IFileSystem
{
    private readonly Channel<Step> _steps = Channel.CreateUnbounded<Step>();
    private int _open;

    public FileEntry Entry { get; set; } = new("film.mkv", false, length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "gated");

    public ConcurrentQueue<ReadIntent> Opened { get; } = [];

    /// <summary>Readers that are open right now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Ends when the first read has begun.</summary>
    public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a reader is disposed.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Thrown by <see cref="OpenAsync"/>.</summary>
    public FileSystemException? OpenFailure { get; set; }

    /// <summary>The next read gives at most so many bytes, each 'x'.</summary>
    public void Give(int count)
    {
        _steps.Writer.TryWrite(new Step(count, null));
    }

    /// <summary>The next read fails.</summary>
    public void Fail(FileSystemFailure failure)
    {
        _steps.Writer.TryWrite(new Step(0, new FileSystemException(failure, "as the test asked")));
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(path.Value == "/film.mkv" ? Entry : null);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<DirectoryListing?>(null);
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        if (OpenFailure is not null)
        {
            throw OpenFailure;
        }

        Opened.Enqueue(intent);
        Interlocked.Increment(ref _open);
        return ValueTask.FromResult<FileReader?>(new Reader(this));
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(default(Space));
    }

    private sealed record Step(int Count, FileSystemException? Failure);

    private sealed class Reader(GatedFs files) : FileReader
    {
        public override FileEntry Entry => files.Entry;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            files.Reading.TrySetResult();
            var step = await files._steps.Reader.ReadAsync(cancellationToken);
            if (step.Failure is not null)
            {
                throw step.Failure;
            }

            var count = Math.Min(step.Count, destination.Length);
            destination.Span[..count].Fill((byte)'x');
            return count;
        }

        public override ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref files._open);
            files.Disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
