namespace Distribyted.FileSystem;

/// <summary>The limit on what may be written to a disk. Spools of uploads reserve their bytes before they write them.</summary>
public interface IDiskBudget
{
    /// <summary>Reserves bytes until the result is disposed; null when so many are not free.</summary>
    ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken);
}
