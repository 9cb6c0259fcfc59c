namespace Distribyted.Routes.Catalog;

/// <summary>The watched folder of a route as it was when it was last relied on.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Extent">The disks it was made of and what of it could not be read.</param>
internal sealed record CatalogFolder(string Path, string Extent);
