using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>GET /api/v1/readers: who reads what, and why a reader waits.</summary>
internal static class ReadersResource
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/readers", Methods.Read, Get)
            .WithName("listReaders")
            .WithTags("Readers")
            .WithSummary("Who reads what, and why a reader waits")
            .WithDescription(
                "A reader is one open request for bytes of one file, or one that waits for the metadata of a torrent. Addresses are for users who may change things."
            );
    }

    internal static Ok<ReadersView> Get(RouteManager routes, TorrentSession session, ClaimsPrincipal user)
    {
        List<ReaderView> views = [];
        foreach (var torrent in session.ActiveTorrents)
        {
            var readers = torrent.GetReaders();
            var row = readers.Count == 0 ? null : routes.Find(torrent.InfoHash).FirstOrDefault(r => RouteRights.Sees(user, r.Route));
            if (row is not null)
            {
                views.AddRange(readers.Select(reader => View(reader, torrent, row.Name, UserClaims.Rights(user) == UserRights.Full)));
            }
        }

        return TypedResults.Ok(new ReadersView([.. views.OrderByDescending(static view => view.Wait?.WaitedSeconds ?? -1)]));
    }

    private static ReaderView View(ReaderSnapshot reader, Torrent torrent, string name, bool seesAddresses)
    {
        return new ReaderView(
            $"{torrent.InfoHash}-{reader.Id}",
            torrent.InfoHash.ToString(),
            name,
            torrent.FileOf(reader) ?? name,
            seesAddresses ? reader.Client : null,
            reader.Length,
            reader.Position,
            reader.BytesAhead,
            reader.Rate,
            reader.FirstWanted,
            reader.LastWanted,
            reader.Wait is { } wait ? View(wait, seesAddresses) : null
        );
    }

    private static ReaderWaitView View(ReaderWait wait, bool seesAddresses)
    {
        return new ReaderWaitView(
            wait.Piece,
            wait.Waited.TotalSeconds,
            wait.Blocks,
            wait.BlocksHere,
            wait.BlocksInFlight,
            [
                .. wait.From.Select(peer => new WaitPeerView(
                    seesAddresses ? peer.Address : null,
                    peer.Client,
                    peer.Blocks,
                    peer.Rate,
                    peer.IsSilent
                )),
            ],
            wait.ExpectedIn?.TotalSeconds,
            WaitCauseViews.Of(wait.Cause),
            wait.Text
        );
    }
}
