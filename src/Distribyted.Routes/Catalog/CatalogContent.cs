namespace Distribyted.Routes.Catalog;

/// <summary>Everything that a catalog remembers, in no order.</summary>
/// <param name="IsRestored">It comes from a backup: what was added since is not in it.</param>
internal sealed record CatalogContent(IReadOnlyList<CatalogRoute> Routes, IReadOnlyList<CatalogTorrent> Torrents, bool IsRestored = false);
