namespace Distribyted.FileSystem;

/// <summary>The limit on what may be written to a disk. Spools of uploads reserve their bytes before they write them.</summary>
public interface IDiskBudget
{
    /// <summary>Reserves bytes until the result is disposed; null when so many are not free.</summary>
    ValueTask<IDisposable?> ReserveAsync(long bytes, CancellationToken cancellationToken);

    /// <summary>Names what of the reserved bytes can be given up: of all that is kept within the limit, what was used longest ago goes first, whoever keeps it. A budget
    /// that has no other user ignores it.</summary>
    /// <param name="oldestUse">When what would be given up next was last used, a timestamp of the program's clock; <see cref="long.MaxValue"/>: nothing can be. Must neither
    /// call back nor block; called by any thread.</param>
    /// <param name="evict">Gives that up and disposes its reservation; false: there was nothing. Called by any thread.</param>
    void Share(Func<long> oldestUse, Func<bool> evict) { }
}
