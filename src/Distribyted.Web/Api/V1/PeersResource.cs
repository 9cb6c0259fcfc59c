using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/torrents/{hash}/peers and /sources: who gives and takes, and who names peers. Addresses and passkeys are for users who may change things.</summary>
internal static class PeersResource
{
    public static void Map(RouteGroupBuilder api)
    {
        var torrent = api.MapGroup("/torrents/{hash}")
            .WithTags("Torrents")
            .RequireAuthorization(ApiRights.Full)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        torrent.MapMethods("/peers", Methods.Read, Peers).WithName("listPeers").WithSummary("The connected peers of a torrent");
        torrent
            .MapMethods("/sources", Methods.Read, Sources)
            .WithName("listPeerSources")
            .WithSummary("The trackers and other sources of peers of a torrent, and how they are doing");
    }

    internal static Results<Ok<PeersView>, ProblemHttpResult> Peers(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user
    )
    {
        return TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal)
            ? TypedResults.Ok(new PeersView([.. found.Torrent.GetPeers().Select(View)]))
            : refusal;
    }

    internal static Results<Ok<PeerSourcesView>, ProblemHttpResult> Sources(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user
    )
    {
        return TorrentAddress.TryFind(hash, routes, session, user, out var found, out var refusal)
            ? TypedResults.Ok(new PeerSourcesView([.. found.Torrent.GetPeerSources().Select(View)]))
            : refusal;
    }

    private static PeerView View(PeerSnapshot peer)
    {
        return new PeerView(
            peer.Address,
            peer.Client,
            peer.Source,
            peer.Transport switch
            {
                PeerTransport.Utp => TransportView.Utp,
                PeerTransport.Http => TransportView.Http,
                _ => TransportView.Tcp,
            },
            peer.IsEncrypted,
            peer.IsIncoming,
            peer.IsSeed,
            peer.Pieces,
            peer.IsChokingUs,
            peer.IsInterestedInUs,
            peer.IsChoked,
            peer.IsInteresting,
            peer.IsStalled,
            peer.Requests,
            peer.Downloaded,
            peer.Uploaded,
            peer.DownloadRate,
            peer.UploadRate,
            peer.Connected.TotalSeconds
        );
    }

    private static PeerSourceView View(PeerSourceSnapshot source)
    {
        return new PeerSourceView(
            source.Kind,
            source.Trouble,
            [
                .. source.Trackers.Select(static tracker => new TrackerView(
                    tracker.Url,
                    tracker.Tier,
                    tracker.IsExtra,
                    tracker.HasAnswered,
                    tracker.Trouble,
                    tracker.Seeders,
                    tracker.Leechers,
                    tracker.IsAsking,
                    tracker.LastAsked?.TotalSeconds,
                    tracker.NextIn?.TotalSeconds
                )),
            ]
        );
    }
}
