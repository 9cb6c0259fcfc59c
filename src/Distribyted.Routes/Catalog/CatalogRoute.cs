using Distribyted.FileSystem;

namespace Distribyted.Routes.Catalog;

/// <summary>A route as it is remembered.</summary>
/// <param name="Name">One or more segments joined by a slash.</param>
/// <param name="Added">When it was made; milliseconds count.</param>
/// <param name="Origin">Who made it: one of <see cref="Origins"/>.</param>
/// <param name="Properties">What WebDAV clients have left on it.</param>
/// <param name="Folder">Its watched folder; null: it never had one.</param>
internal sealed record CatalogRoute(
    string Name,
    DateTimeOffset Added,
    string Origin,
    IReadOnlyList<DeadProperty> Properties,
    CatalogFolder? Folder = null
);
