using Distribyted.FileSystem;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>So many bytes of disk, and no more.</summary>
internal sealed class LimitedBudget(long limit) : IDiskBudget
{
    private long _reserved;
    private long _most;

    public long Most => Interlocked.Read(ref _most);

    public ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        lock (this)
        {
            if (_reserved + bytes > limit)
            {
                return ValueTask.FromResult<IDisposable?>(null);
            }

            _reserved += bytes;
            _most = Math.Max(_most, _reserved);
        }

        return ValueTask.FromResult<IDisposable?>(new Reservation(this, bytes));
    }

    private sealed class Reservation(LimitedBudget budget, long bytes) : IDisposable
    {
        public void Dispose()
        {
            lock (budget)
            {
                budget._reserved -= bytes;
            }
        }
    }
}
