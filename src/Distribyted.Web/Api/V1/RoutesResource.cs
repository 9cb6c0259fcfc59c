using System.Security.Claims;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/routes: the folders that torrents lie in.</summary>
internal static class RoutesResource
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/routes", Methods.Read, List).WithName("listRoutes").WithTags("Routes").WithSummary("All routes, by name");
    }

    private static Ok<RouteListView> List(RouteManager routes, ClaimsPrincipal user)
    {
        return TypedResults.Ok(
            new RouteListView([.. routes.Current.Routes.Where(r => RouteRights.Sees(user, r.Name)).Select(r => View(r, user))])
        );
    }

    private static RouteItemView View(LibraryRoute route, ClaimsPrincipal user)
    {
        return new RouteItemView(
            route.Name,
            route.Added,
            RouteRights.MayChange(user, route.Name) ? route.Where : null,
            route.Torrents.Count,
            route.Torrents.Count(static t => t.IsPending),
            route.Torrents.Sum(static t => t.Length)
        );
    }
}
