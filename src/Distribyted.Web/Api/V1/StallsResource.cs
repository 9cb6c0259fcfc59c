using System.Security.Claims;
using Distribyted.Http.Users;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Stalls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>GET /api/v1/stalls: the waits of readers of the last 24 hours.</summary>
internal static class StallsResource
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/stalls", Methods.Read, Get)
            .WithName("listStalls")
            .WithTags("Readers")
            .WithSummary("The waits of readers that lasted a second or longer, of the last 24 hours")
            .WithDescription("Kept over restarts of the program.");
    }

    public static StallView View(StallRecord stall, bool seesAddresses)
    {
        return new StallView(
            stall.Id,
            stall.At,
            stall.Seconds,
            stall.IsOver,
            stall.Hash,
            stall.Torrent,
            stall.File,
            seesAddresses ? stall.Client : null,
            stall.Piece,
            stall.Cause,
            stall.Text
        );
    }

    internal static Ok<StallsView> Get(StallLog stalls, ClaimsPrincipal user)
    {
        var seesAddresses = UserClaims.Rights(user) == UserRights.Full;
        return TypedResults.Ok(
            new StallsView([
                .. stalls
                    .Read()
                    .Where(stall => stall.Routes.Any(route => RouteRights.Sees(user, route)))
                    .Select(stall => View(stall, seesAddresses)),
            ])
        );
    }
}
