namespace Distribyted.Routes.Catalog;

/// <summary>Everything that a catalog remembers, in no order.</summary>
internal sealed record CatalogContent(IReadOnlyList<CatalogRoute> Routes, IReadOnlyList<CatalogTorrent> Torrents);
