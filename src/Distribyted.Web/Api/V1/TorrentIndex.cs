using System.Collections.Concurrent;
using Distribyted.Routes;
using Distribyted.Routes.Model;

namespace Distribyted.Web.Api.V1;

/// <summary>All torrents in the orders that were asked for. An order is made once for each state of the library, and not before the first request for it:
/// sorting 10,000 names takes longer than all else of a page. Safe for use by many threads.</summary>
internal sealed class TorrentIndex(RouteManager routes)
{
    private Orders? _latest; // replaced, never changed

    /// <summary>The torrents of the library as it is now.</summary>
    public LibraryTorrent[] Sorted(TorrentOrder order)
    {
        var library = routes.Current;
        var latest = Volatile.Read(ref _latest);
        if (latest is null || !ReferenceEquals(latest.Library, library))
        {
            Volatile.Write(ref _latest, latest = new Orders(library));
        }

        return latest.Of(order);
    }

    private sealed class Orders(Library library)
    {
        private readonly ConcurrentDictionary<TorrentOrder, LibraryTorrent[]> _sorted = new();

        public Library Library => library;

        public LibraryTorrent[] Of(TorrentOrder order)
        {
            return _sorted.TryGetValue(order, out var known)
                ? known
                : _sorted[order] = order.Sort(library.Routes.SelectMany(static route => route.Torrents));
        }
    }
}
