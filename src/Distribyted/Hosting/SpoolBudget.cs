using Distribyted.BitTorrent;
using Distribyted.FileSystem;

namespace Distribyted.Hosting;

/// <summary>What decompressed entries of archives may take on disk: they share <c>torrent.global_cache_size</c> with the pieces, and have half of it at most, as far as the
/// disk has it. Thread-safe.</summary>
/// <param name="session">Has the piece cache.</param>
/// <param name="disk">What the disk has.</param>
internal sealed class SpoolBudget(TorrentSession session, IDiskBudget disk) : IDiskBudget
{
    /// <inheritdoc/>
    public async ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        if (await disk.ReserveAsync(bytes, cancellationToken) is not { } onDisk)
        {
            return null;
        }

        if (session.TryReserveInCache(bytes) is { } inCache)
        {
            return new Reservation(onDisk, inCache);
        }

        onDisk.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Share(Func<long> oldestUse, Func<bool> evict)
    {
        session.ShareCache(oldestUse, evict);
    }

    private sealed class Reservation(IDisposable onDisk, IDisposable inCache) : IDisposable
    {
        public void Dispose()
        {
            onDisk.Dispose();
            inCache.Dispose();
        }
    }
}
