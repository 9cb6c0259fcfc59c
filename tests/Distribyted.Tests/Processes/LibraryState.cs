using System.Collections.Immutable;

namespace Distribyted.Tests.Processes;

/// <summary>What a writer's routes hold: route to the names of its torrents, and what each of those is. Immutable, compared by <see cref="ToString"/>.</summary>
internal sealed record LibraryState(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> Routes)
{
    public static LibraryState Empty { get; } =
        new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal));

    /// <summary>All torrents: route, name, hash.</summary>
    public IEnumerable<(string Route, string Name, string Hash)> Torrents =>
        Routes.SelectMany(r => r.Value.Select(t => (r.Key, t.Key, t.Value)));

    public LibraryState WithRoute(string route)
    {
        return Routes.ContainsKey(route)
            ? this
            : new LibraryState(Routes.Add(route, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)));
    }

    public LibraryState WithoutRoute(string route)
    {
        return new LibraryState(Routes.Remove(route));
    }

    public LibraryState Renamed(string route, string newName)
    {
        return new LibraryState(Routes.Remove(route).Add(newName, Routes[route]));
    }

    public LibraryState With(string route, string name, string hash)
    {
        var made = WithRoute(route);
        return new LibraryState(made.Routes.SetItem(route, made.Routes[route].SetItem(name, hash)));
    }

    public LibraryState Without(string route, string name)
    {
        return new LibraryState(Routes.SetItem(route, Routes[route].Remove(name)));
    }

    public override string ToString()
    {
        return string.Join('\n', Routes.Select(r => r.Key + ": " + string.Join(", ", r.Value.Select(t => $"{t.Key} = {t.Value[..8]}"))));
    }
}
