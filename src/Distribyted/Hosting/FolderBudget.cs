using Distribyted.FileSystem;
using Distribyted.Platform;

namespace Distribyted.Hosting;

/// <summary>Free space on the disk of the data folder for spooled uploads. A reservation that would leave the catalog without space is refused. Thread-safe.</summary>
/// <param name="free">Bytes that the disk has for this user; null: not known.</param>
internal sealed class FolderBudget(Func<long?> free) : IDiskBudget
{
    /// <summary>What stays free for the catalog and metadata, bytes.</summary>
    public const long Margin = 16L << 20;

    private long _reserved;

    /// <summary>The budget of the disk that has this folder.</summary>
    public static FolderBudget Of(string folder)
    {
        return new FolderBudget(() => DiskSpace.FreeAt(folder));
    }

    /// <inheritdoc/>
    public ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        // What is written already counts twice until it is given back: for a moment less is given out than is free, never more.
        var reserved = Interlocked.Add(ref _reserved, bytes);
        var reservation = new Reservation(this, bytes);
        if (free() is not { } bytesFree || bytesFree >= reserved + Margin) // not known: the write will tell
        {
            return ValueTask.FromResult<IDisposable?>(reservation);
        }

        reservation.Dispose();
        return ValueTask.FromResult<IDisposable?>(null);
    }

    private sealed class Reservation(FolderBudget budget, long bytes) : IDisposable
    {
        private int _isBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isBack, 1) == 0)
            {
                Interlocked.Add(ref budget._reserved, -bytes);
            }
        }
    }
}
