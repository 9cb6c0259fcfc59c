using System.Collections.Concurrent;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.Contracts;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>GET /api/routes and DELETE /api/routes/{route}/torrent/{hash}.</summary>
internal sealed class RoutesApi(RouteManager routes, TorrentSession session)
{
    private static readonly TorrentStatistics Nothing = new(default, TorrentState.Pending, null, 0, 0, TransferWindow.Empty, 0, 0, 0);

    // Metadata of a sleeping torrent is on disk; one number of it is asked for with every poll of a dashboard.
    private readonly ConcurrentDictionary<InfoHash, long> _pieceSizes = new();

    public async Task GetAsync(HttpContext context)
    {
        var views = new List<RouteView>();
        foreach (var route in routes.Current.Routes)
        {
            if (!RouteRights.Sees(context.User, route.Name))
            {
                continue;
            }

            var torrents = new List<TorrentView>(route.Torrents.Count);
            foreach (var torrent in route.Torrents)
            {
                torrents.Add(await ViewAsync(torrent, context.RequestAborted));
            }

            views.Add(new RouteView(route.Name, torrents));
        }

        await Answer.JsonAsync<IReadOnlyList<RouteView>>(context, views, ApiJson.Default.IReadOnlyListRouteView);
    }

    public async Task DeleteAsync(HttpContext context)
    {
        if (!RouteRights.MayChange(context.User, RouteAddress.NameOf(context)))
        {
            await Problems.SendAsync(context, RouteRights.MayNotChange);
            return;
        }

        var text = context.Request.RouteValues["hash"] as string;
        if (!InfoHash.TryParse(text, out var hash))
        {
            await Problems.SendAsync(
                context,
                new Problem(StatusCodes.Status400BadRequest, $"\"{text}\" is not an info hash. Use 40 hexadecimal digits.")
            );
            return;
        }

        var route = RouteAddress.NameOf(context);
        var result = await routes.RemoveAsync(route, hash, pieces: true, context.RequestAborted);
        if (result.Succeeded)
        {
            await Answer.NullAsync(context);
            return;
        }

        var why = result.Reason is { Length: > 0 } reason ? ": " + reason : "";
        var detail = $"element with hash {hash} on route {route} cannot be removed{why}";
        await Problems.SendAsync(context, Problems.From(result with { Reason = detail }));
    }

    private async ValueTask<TorrentView> ViewAsync(LibraryTorrent row, CancellationToken cancellationToken)
    {
        var torrent = session.Find(row.InfoHash);
        var now = torrent?.GetStatistics() ?? Nothing;
        var chunks = new List<PieceChunkView>();
        var pieces = 0;
        foreach (var run in torrent?.GetPieceRuns() ?? [])
        {
            chunks.Add(new PieceChunkView(Letter(run.Status), run.Count));
            pieces += run.Count;
        }

        return new TorrentView(
            row.Name,
            row.InfoHash.ToString(),
            now.Window.Downloaded,
            now.Window.Uploaded,
            now.Peers,
            now.Seeds,
            now.Window.Length.TotalSeconds,
            chunks,
            pieces,
            await PieceSizeAsync(torrent, cancellationToken),
            row.IsPending ? "pending"
                : now.State == TorrentState.Active ? "awake"
                : "asleep",
            now.Reason,
            row.Length,
            row.Added.ToUnixTimeSeconds()
        );
    }

    private async ValueTask<long> PieceSizeAsync(Torrent? torrent, CancellationToken cancellationToken)
    {
        if (torrent is null)
        {
            return 0;
        }

        if (_pieceSizes.TryGetValue(torrent.InfoHash, out var known))
        {
            return known;
        }

        try
        {
            return await torrent.TryGetInfoAsync(cancellationToken) is { } info
                ? _pieceSizes[torrent.InfoHash] = info.Layout.PieceLength
                : 0;
        }
        catch (Exception e) when (e is TorrentException or IOException or UnauthorizedAccessException)
        {
            return 0; // removed while the list was made, or a disk that does not answer: the list of all others is worth more
        }
    }

    private static string Letter(PieceStatus status)
    {
        return status switch
        {
            PieceStatus.Checking => "H",
            PieceStatus.Partial => "P",
            PieceStatus.Complete => "C",
            _ => "W",
        };
    }
}
