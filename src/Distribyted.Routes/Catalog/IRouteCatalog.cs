namespace Distribyted.Routes.Catalog;

/// <summary>Where the library is remembered. It is read once at start and never on the hot path.</summary>
internal interface IRouteCatalog : IAsyncDisposable
{
    /// <summary>Opens it and reads everything. Called once, before the first change.</summary>
    /// <exception cref="IOException">It cannot be opened or read; the message names the file and what to try.</exception>
    ValueTask<CatalogContent> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Makes changes in this order, all or none; durable on return. May be called by many at once.</summary>
    /// <exception cref="IOException">Nothing was changed: the disk is full or failed.</exception>
    Task ApplyAsync(IReadOnlyList<CatalogChange> changes, CancellationToken cancellationToken);
}
