namespace Distribyted.Routes.Model;

/// <summary>All routes and torrents right now. Immutable; a new one is published after each change.</summary>
/// <param name="Routes">Sorted by name (ordinal).</param>
public sealed record Library(IReadOnlyList<LibraryRoute> Routes);
