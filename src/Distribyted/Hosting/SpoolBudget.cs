using Distribyted.FileSystem;

namespace Distribyted.Hosting;

/// <summary>What decompressed entries of archives may take on disk: an eighth of <c>torrent.global_cache_size</c> beside the piece cache, at least 32 MiB, as far as the
/// disk has it. Thread-safe.</summary>
/// <param name="cacheSize">Bytes of the piece cache; -1: no limit, and then the disk is the only one here as well.</param>
/// <param name="disk">What the disk has.</param>
internal sealed class SpoolBudget(long cacheSize, IDiskBudget disk) : IDiskBudget
{
    private const long Least = 32L << 20; // a few readers in different archives

    private readonly long _limit = cacheSize < 0 ? long.MaxValue : Math.Max(Least, cacheSize / 8);
    private long _reserved;

    /// <inheritdoc/>
    public async ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        if (Interlocked.Add(ref _reserved, bytes) <= _limit && await disk.ReserveAsync(bytes, cancellationToken) is { } onDisk)
        {
            return new Reservation(this, bytes, onDisk);
        }

        Interlocked.Add(ref _reserved, -bytes);
        return null;
    }

    private sealed class Reservation(SpoolBudget budget, long bytes, IDisposable onDisk) : IDisposable
    {
        private IDisposable? _onDisk = onDisk;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _onDisk, null) is { } reserved)
            {
                reserved.Dispose();
                Interlocked.Add(ref budget._reserved, -bytes);
            }
        }
    }
}
