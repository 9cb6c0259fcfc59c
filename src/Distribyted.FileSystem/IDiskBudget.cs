namespace Distribyted.FileSystem;

/// <summary>The one limit on what content may take on disk; spools and segments ask it before their bytes exist.</summary>
public interface IDiskBudget
{
    /// <summary>Sets bytes aside until the result is disposed; null when they cannot be had.</summary>
    ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken);
}
