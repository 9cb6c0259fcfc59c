namespace Distribyted.Routes.Model;

/// <summary>One route.</summary>
/// <param name="Name">One or more segments joined by a slash.</param>
/// <param name="Added">When it was made.</param>
/// <param name="Where">Place in the configuration that names it; null when it may be removed.</param>
/// <param name="Torrents">Sorted by display name (ordinal), pending ones included.</param>
public sealed record LibraryRoute(string Name, DateTimeOffset Added, string? Where, IReadOnlyList<LibraryTorrent> Torrents);
