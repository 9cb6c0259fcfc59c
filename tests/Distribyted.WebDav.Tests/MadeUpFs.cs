using Distribyted.FileSystem;

namespace Distribyted.WebDav.Tests;

/// <summary>A root with very many files that exist only while they are looked at.</summary>
internal sealed class MadeUpFs(int count) : IFileSystem
{
    private static readonly FileEntry Root = new("", true, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "");

    private long _made;

    /// <summary>Entries that were looked at.</summary>
    public long Made => Interlocked.Read(ref _made);

    /// <summary>Ends when none was looked at for a while: the client's window is full.</summary>
    public async Task WaitUntilStuckAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var seen = -1L;
        while (seen != Made || seen <= count)
        {
            seen = Made;
            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(path.IsRoot ? Root : null);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<DirectoryListing?>(path.IsRoot ? new Listing(this, count) : null);
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<FileReader?>(null);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(default(Space));
    }

    private sealed class Listing(MadeUpFs files, int count) : DirectoryListing
    {
        public override int Count => count;

        public override FileEntry this[int index]
        {
            get
            {
                Interlocked.Increment(ref files._made);
                return new FileEntry(
                    $"Film {index:000000}.mkv",
                    false,
                    index,
                    DateTimeOffset.UnixEpoch,
                    DateTimeOffset.UnixEpoch,
                    $"{index:x}"
                );
            }
        }
    }
}
