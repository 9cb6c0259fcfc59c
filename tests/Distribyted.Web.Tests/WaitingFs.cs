using Distribyted.FileSystem;

namespace Distribyted.Web.Tests;

/// <summary>A tree with <c>/film.mkv</c>, of which one step waits until the request that it works for is cancelled.</summary>
/// <param name="step"><c>find</c>, <c>list</c>, <c>open</c> or <c>read</c>.</param>
internal sealed class WaitingFs(string step) : IFileSystem
{
    private static readonly FileEntry Root = new("", true, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "");
    private static readonly FileEntry Film = new("film.mkv", false, 1000, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "f");

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a request has come to the step.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Ends when it was cancelled there.</summary>
    public Task Cancelled => _cancelled.Task;

    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        await WaitAsync("find", cancellationToken);
        return path.IsRoot ? Root
            : path.Value == "/film.mkv" ? Film
            : null;
    }

    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        await WaitAsync("list", cancellationToken);
        return path.IsRoot ? DirectoryListing.From([Film]) : null;
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        await WaitAsync("open", cancellationToken);
        return new Reader(this);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(default(Space));
    }

    private async Task WaitAsync(string here, CancellationToken cancellationToken)
    {
        if (here != step)
        {
            return;
        }

        _reached.TrySetResult();
        await using var registration = cancellationToken.Register(_cancelled.SetResult);
        await _cancelled.Task;
        cancellationToken.ThrowIfCancellationRequested();
    }

    private sealed class Reader(WaitingFs files) : FileReader
    {
        public override FileEntry Entry => Film;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            await files.WaitAsync("read", cancellationToken);
            return 1;
        }

        public override ValueTask DisposeAsync()
        {
            return ValueTask.CompletedTask;
        }
    }
}
