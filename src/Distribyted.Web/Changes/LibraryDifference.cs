using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Model;

namespace Distribyted.Web.Changes;

/// <summary>What differs between two states of the library. Pure. Routes that are the same object cost nothing.</summary>
internal static class LibraryDifference
{
    /// <summary>Each difference: routes and torrents that went, then those that came or changed.</summary>
    public static IEnumerable<(string Type, LibraryRoute Route, LibraryTorrent? Torrent)> Between(Library former, Library next)
    {
        var before = former.Routes.ToDictionary(static r => r.Name, StringComparer.Ordinal);
        var after = next.Routes.ToDictionary(static r => r.Name, StringComparer.Ordinal);
        foreach (var route in former.Routes)
        {
            if (!after.TryGetValue(route.Name, out var now))
            {
                foreach (var torrent in route.Torrents)
                {
                    yield return ("torrentRemoved", route, torrent);
                }

                yield return ("routeRemoved", route, null);
            }
            else if (!ReferenceEquals(route.Torrents, now.Torrents))
            {
                var left = ByHash(now);
                foreach (var torrent in route.Torrents.Where(t => !left.ContainsKey(t.InfoHash)))
                {
                    yield return ("torrentRemoved", route, torrent);
                }
            }
        }

        foreach (var route in next.Routes)
        {
            var isKnown = before.TryGetValue(route.Name, out var was);
            if (!isKnown)
            {
                yield return ("routeAdded", route, null);
            }

            if (isKnown && ReferenceEquals(was!.Torrents, route.Torrents))
            {
                continue;
            }

            var had = isKnown ? ByHash(was!) : [];
            foreach (var torrent in route.Torrents)
            {
                if (!had.TryGetValue(torrent.InfoHash, out var old))
                {
                    yield return ("torrentAdded", route, torrent);
                }
                else if (old != torrent)
                {
                    yield return ("torrentChanged", route, torrent);
                }
            }
        }
    }

    private static Dictionary<InfoHash, LibraryTorrent> ByHash(LibraryRoute route)
    {
        return route.Torrents.ToDictionary(static t => t.InfoHash);
    }
}
