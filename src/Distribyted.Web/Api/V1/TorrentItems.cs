using System.Security.Claims;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Web.Api.V1;

/// <summary>A torrent in a route as clients see it.</summary>
internal static class TorrentItems
{
    /// <param name="row">The torrent in its route.</param>
    /// <param name="torrent">The same in the engine; null: it has just been removed there.</param>
    /// <param name="user">Who asks.</param>
    public static TorrentItemView View(LibraryTorrent row, Torrent? torrent, ClaimsPrincipal user)
    {
        var now = torrent?.GetStatistics();
        return new TorrentItemView(
            row.InfoHash.ToString(),
            row.Route,
            row.Name,
            StateOf(row, torrent),
            now?.Reason,
            row.Length,
            row.Added,
            row.Origin,
            RouteRights.MayChange(user, row.Route) ? row.Where : null,
            now?.Window.DownloadRate ?? 0,
            now?.Window.UploadRate ?? 0,
            now?.Peers ?? 0,
            now?.Seeds ?? 0,
            now?.Readers ?? 0
        );
    }

    /// <summary>How it is doing. Pending as long as the library has no name for it, which comes a moment after the metadata.</summary>
    public static TorrentStateView StateOf(LibraryTorrent row, Torrent? torrent)
    {
        return row.IsPending ? TorrentStateView.Pending
            : torrent is { IsActive: true } ? TorrentStateView.Active
            : TorrentStateView.Idle;
    }
}
