using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Http.Users;
using Distribyted.Platform;
using Distribyted.Routes;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/torrents/{hash}: one torrent, its files, its pieces, its .torrent, and what can be done with it.</summary>
internal static class TorrentResource
{
    public static void Map(RouteGroupBuilder api)
    {
        var torrent = api.MapGroup("/torrents/{hash}")
            .WithTags("Torrents")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        torrent
            .MapMethods("", Methods.Read, GetAsync)
            .WithName("getTorrent")
            .WithSummary("One torrent: its state, the reason for it, and its numbers");
        torrent
            .MapMethods("/files", Methods.Read, FilesAsync)
            .WithName("listFiles")
            .WithSummary("The files of a torrent, and how much of each is here");
        torrent.MapMethods("/pieces", Methods.Read, PiecesAsync).WithName("getPieces").WithSummary("Where each piece is, run-length coded");
        torrent
            .MapMethods("/torrent", Methods.Read, FileAsync)
            .WithName("getTorrentFile")
            .WithSummary("The .torrent file")
            .WithDescription("It names the trackers with their passkeys, so it is for users who may change things.")
            .RequireAuthorization(ApiRights.Full)
            .Produces<FileContentHttpResult>(StatusCodes.Status200OK, "application/x-bittorrent")
            .ProducesProblem(StatusCodes.Status409Conflict);
        torrent
            .MapPost("/recheck", Recheck)
            .WithName("recheckTorrent")
            .WithSummary("Hash all pieces on disk again and drop those that are wrong")
            .ProducesProblem(StatusCodes.Status409Conflict);
        torrent
            .MapPost("/reannounce", Reannounce)
            .WithName("reannounceTorrent")
            .WithSummary("Ask all trackers and other sources for peers now")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    internal static async Task<Results<Ok<TorrentDetailView>, ProblemHttpResult>> GetAsync(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user,
        CancellationToken cancellationToken
    )
    {
        if (!TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal))
        {
            return refusal;
        }

        var (torrent, rows) = found;
        var now = torrent.GetStatistics();
        var info = await torrent.TryGetInfoAsync(cancellationToken);
        var mayChange = UserClaims.Rights(user) == UserRights.Full;
        return TypedResults.Ok(
            new TorrentDetailView(
                torrent.InfoHash.ToString(),
                rows[0].Name,
                TorrentItems.StateOf(rows[0], torrent),
                now.Reason,
                [.. rows.Select(row => TorrentItems.View(row, torrent, user))],
                mayChange ? rows.Select(static row => row.Magnet).FirstOrDefault(static magnet => magnet is not null) : null,
                info?.IsPrivate,
                info?.Layout.TotalLength,
                info?.Layout.PieceCount,
                info?.Layout.PieceLength,
                now.StoredBytes,
                now.Downloaded,
                now.Uploaded,
                now.Window.DownloadRate,
                now.Window.UploadRate,
                now.Peers,
                now.Seeds,
                now.CountedSeeders,
                now.CountedLeechers,
                now.Readers,
                torrent.Rechecked
            )
        );
    }

    internal static async Task<Results<Ok<TorrentFilesView>, ProblemHttpResult>> FilesAsync(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user,
        CancellationToken cancellationToken
    )
    {
        if (!TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal))
        {
            return refusal;
        }

        if (await found.Torrent.TryGetInfoAsync(cancellationToken) is not { } info)
        {
            return TypedResults.Ok(new TorrentFilesView([]));
        }

        var here = new BytesHere(info.Layout, await found.Torrent.GetPieceMapAsync(cancellationToken));
        return TypedResults.Ok(
            new TorrentFilesView([
                .. info
                    .Files.Where(static file => !file.Attributes.HasFlag(TorrentFileAttributes.Padding))
                    .Select(file => View(info, file, here)),
            ])
        );
    }

    internal static async Task<Results<Ok<PieceMapView>, ProblemHttpResult>> PiecesAsync(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user,
        CancellationToken cancellationToken
    )
    {
        if (!TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal))
        {
            return refusal;
        }

        if (await found.Torrent.TryGetInfoAsync(cancellationToken) is not { } info)
        {
            return TypedResults.Ok(new PieceMapView(0, 0, []));
        }

        var runs = await found.Torrent.GetPieceMapAsync(cancellationToken);
        return TypedResults.Ok(
            new PieceMapView(
                info.Layout.PieceCount,
                info.Layout.PieceLength,
                [.. runs.Select(static run => new PieceRunView(StateOf(run.State), run.Count))]
            )
        );
    }

    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> FileAsync(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user,
        CancellationToken cancellationToken
    )
    {
        if (!TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal))
        {
            return refusal;
        }

        return await found.Torrent.GetFileAsync(cancellationToken) is { } file
            ? TypedResults.File(file, "application/x-bittorrent", found.Torrent.InfoHash + ".torrent")
            : Refusal.Of(StatusCodes.Status409Conflict, "There is no .torrent yet: no peer has sent the metadata.");
    }

    internal static Results<Accepted<RecheckView>, ProblemHttpResult> Recheck(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user,
        ILogger<TorrentAddress> logger
    )
    {
        if (!TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal))
        {
            return refusal;
        }

        if (!found.Torrent.HasMetadata)
        {
            return Refusal.Of(StatusCodes.Status409Conflict, "There are no pieces to check yet: no peer has sent the metadata.");
        }

        Background.Forget("check of pieces", logger, found.Torrent.RecheckAsync());
        return TypedResults.Accepted(
            $"{ApiV1.Prefix}/torrents/{found.Torrent.InfoHash}",
            new RecheckView(found.Torrent.GetStatistics().StoredBytes)
        );
    }

    internal static Results<NoContent, ProblemHttpResult> Reannounce(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user
    )
    {
        if (!TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal))
        {
            return refusal;
        }

        return found.Torrent.TryReannounce()
            ? TypedResults.NoContent()
            : Refusal.Of(
                StatusCodes.Status409Conflict,
                "The torrent is idle and has no pieces to give, so it asks no tracker. It does as soon as something reads from it."
            );
    }

    private static TorrentFileView View(TorrentInfo info, TorrentFile file, BytesHere here)
    {
        var last = info.Layout.TotalLength - 1;
        return new TorrentFileView(
            string.Join('/', file.Path),
            file.Length,
            file.Offset,
            info.Layout.PieceAt(Math.Min(file.Offset, last)),
            info.Layout.PieceAt(Math.Min(file.Offset + Math.Max(0, file.Length - 1), last)),
            here.Within(file.Offset, file.Length)
        );
    }

    private static PieceStateView StateOf(PieceMapState state)
    {
        return state switch
        {
            PieceMapState.Have => PieceStateView.Have,
            PieceMapState.InMemory => PieceStateView.InMemory,
            PieceMapState.InFlight => PieceStateView.InFlight,
            PieceMapState.Wanted => PieceStateView.Wanted,
            _ => PieceStateView.Absent,
        };
    }
}
