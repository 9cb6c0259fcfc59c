using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Routes.Catalog;

/// <summary>One change of the catalog. Putting replaces; removing what is not there is no error.</summary>
internal abstract record CatalogChange
{
    private CatalogChange() { }

    /// <summary>A route is new or has changed.</summary>
    internal sealed record PutRoute(CatalogRoute Route) : CatalogChange;

    /// <summary>A route is gone. Its torrents are separate changes.</summary>
    internal sealed record RemoveRoute(string Name) : CatalogChange;

    /// <summary>A torrent of a route is new or has changed.</summary>
    internal sealed record PutTorrent(CatalogTorrent Torrent) : CatalogChange;

    /// <summary>A torrent is gone from a route.</summary>
    internal sealed record RemoveTorrent(string Route, InfoHash InfoHash) : CatalogChange;
}
