using Distribyted.Routes.Model;

namespace Distribyted.Web.Api.V1;

/// <summary>An order of the list of torrents: <c>name</c>, <c>added</c>, <c>length</c> or <c>route</c>, with <c>-</c> before it the other way round.</summary>
internal readonly record struct TorrentOrder(string Key, bool IsDescending)
{
    public static TorrentOrder ByName { get; } = new("name", false);

    /// <summary>The orders there are, for messages.</summary>
    public const string Known = "name, added, length, route, or one of them with \"-\" before it";

    /// <summary>Reads the parameter <c>sort</c>; null is by name.</summary>
    public static bool TryParse(string? text, out TorrentOrder order)
    {
        var isDescending = text is ['-', ..];
        order = text is null ? ByName : new TorrentOrder(isDescending ? text[1..] : text, isDescending);
        return order.Key is "name" or "added" or "length" or "route";
    }

    /// <summary>The torrents in this order. What is equal by its key is in the order of names, routes and hashes, so that pages neither repeat nor miss one.</summary>
    public LibraryTorrent[] Sort(IEnumerable<LibraryTorrent> torrents)
    {
        var sorted = torrents.ToArray();
        var sign = IsDescending ? -1 : 1;
        Comparison<LibraryTorrent> byKey = Key switch
        {
            "added" => static (a, b) => a.Added.CompareTo(b.Added),
            "length" => static (a, b) => a.Length.CompareTo(b.Length),
            "route" => static (a, b) => string.CompareOrdinal(a.Route, b.Route),
            _ => ByNameThenRoute,
        };
        Array.Sort(sorted, (a, b) => byKey(a, b) is not 0 and var first ? sign * first : sign * ByNameThenRoute(a, b));
        return sorted;
    }

    private static int ByNameThenRoute(LibraryTorrent a, LibraryTorrent b)
    {
        var byName = string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase);
        byName = byName != 0 ? byName : string.CompareOrdinal(a.Name, b.Name);
        var byRoute = byName != 0 ? byName : string.CompareOrdinal(a.Route, b.Route);
        return byRoute != 0 ? byRoute : a.InfoHash.CompareTo(b.InfoHash);
    }
}
