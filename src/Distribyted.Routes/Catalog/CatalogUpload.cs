namespace Distribyted.Routes.Catalog;

/// <summary>A small uploaded file that is shown again after a restart.</summary>
internal sealed record CatalogUpload(string Name, byte[] Content);
