using System.Collections.Immutable;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Telemetry;

namespace Distribyted.Routes.Model;

/// <summary>All routes: what the manager changes and publishes. Immutable.</summary>
internal sealed class LibraryModel
{
    internal static readonly LibraryModel Empty = new(ImmutableSortedDictionary.Create<string, RouteModel>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, RouteModel> _routes;
    private readonly Lazy<Library> _view;

    private LibraryModel(ImmutableSortedDictionary<string, RouteModel> routes)
    {
        _routes = routes;
        _view = new Lazy<Library>(() => new Library([.. routes.Values.Select(r => r.View)]));
    }

    internal Library View => _view.Value;

    internal IEnumerable<RouteModel> Routes => _routes.Values;

    internal int RouteCount => _routes.Count;

    internal RouteModel? Find(string route)
    {
        return _routes.GetValueOrDefault(route);
    }

    internal LibraryCounts CountAll()
    {
        return new LibraryCounts(_routes.Count, _routes.Values.Sum(r => r.Count), _routes.Values.Sum(r => r.PendingCount));
    }

    internal TorrentRow? Find(string route, InfoHash hash)
    {
        return Find(route)?.Find(hash);
    }

    internal IEnumerable<TorrentRow> Find(InfoHash hash)
    {
        return _routes.Values.Select(r => r.Find(hash)).OfType<TorrentRow>();
    }

    internal LibraryModel Put(RouteModel route)
    {
        return new LibraryModel(_routes.SetItem(route.Name, route));
    }

    internal LibraryModel Put(TorrentRow row)
    {
        return Put(_routes[row.Stored.Route].Put(row));
    }

    internal LibraryModel Remove(string route)
    {
        return new LibraryModel(_routes.Remove(route));
    }

    internal LibraryModel Remove(string route, InfoHash hash)
    {
        return Put(_routes[route].Remove(hash));
    }

    /// <summary>Routes below this one: <c>a/b</c> and <c>a/b/c</c> are below <c>a</c>.</summary>
    internal IEnumerable<RouteModel> Below(string route)
    {
        var prefix = route + "/";
        return _routes.Values.Where(r => r.Name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>The name as the library spells it: that of a route which differs only in how accents are composed (NFC, NFD), else as given.</summary>
    internal string CanonicalName(string route)
    {
        return Ascii.IsValid(route) || _routes.ContainsKey(route)
            ? route
            : _routes.Keys.FirstOrDefault(known => NameIndex.Same(known, route)) ?? route;
    }

    /// <summary>Whether there is a folder of this path: a route, or a part of the names of routes.</summary>
    internal bool IsFolder(string path)
    {
        return path.Length == 0 || _routes.ContainsKey(path) || Below(path).Any();
    }

    /// <summary>Whether a name in a route is spoken for, by another torrent or by a route below it.</summary>
    internal bool IsTaken(string route, string name)
    {
        return Find(route)?.FindShown(name) is not null || IsFolder(route + "/" + name);
    }

    /// <summary>The torrent that lies where this route would have to go, itself or on the way; null if the way is free.</summary>
    internal LibraryTorrent? FindBlocking(string route)
    {
        for (var slash = route.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = route.IndexOf('/', slash + 1))
        {
            var next = route.IndexOf('/', slash + 1);
            var name = next < 0 ? route[(slash + 1)..] : route[(slash + 1)..next];
            if (Find(route[..slash])?.FindShown(name) is { } torrent)
            {
                return torrent;
            }
        }

        return null;
    }
}
