using Distribyted.FileSystem;

namespace Distribyted.WebDav.Tests;

/// <summary>A disk with space for so many bytes.</summary>
internal sealed class CountingBudget(long most) : IDiskBudget
{
    private long _reserved;

    public long Reserved => Interlocked.Read(ref _reserved);

    public ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        if (Interlocked.Add(ref _reserved, bytes) <= most)
        {
            return ValueTask.FromResult<IDisposable?>(new Reservation(this, bytes));
        }

        Interlocked.Add(ref _reserved, -bytes);
        return ValueTask.FromResult<IDisposable?>(null);
    }

    private sealed class Reservation(CountingBudget budget, long bytes) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Add(ref budget._reserved, -bytes);
        }
    }
}
