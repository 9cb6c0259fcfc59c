using System.Security.Claims;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/routes: the folders that torrents lie in, and which torrent lies where.</summary>
internal static class RoutesResource
{
    public static void Map(RouteGroupBuilder api)
    {
        var routes = api.MapGroup("/routes").WithTags("Routes");
        routes.MapMethods("", Methods.Read, List).WithName("listRoutes").WithSummary("All routes, by name");
        routes
            .MapPost("", MakeAsync)
            .WithName("makeRoute")
            .WithSummary("Make an empty route")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);

        var route = routes
            .MapGroup("/{route}")
            .WithDescription("In the address a slash in the name of a route is written %2F.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        route.MapMethods("", Methods.Read, Get).WithName("getRoute").WithSummary("One route");
        route
            .MapPatch("", RenameAsync)
            .WithName("renameRoute")
            .WithSummary("Rename a route; routes below it go along")
            .ProducesProblem(StatusCodes.Status409Conflict);
        route
            .MapDelete("", RemoveAsync)
            .WithName("removeRoute")
            .WithSummary("Remove a route that has no torrents")
            .ProducesProblem(StatusCodes.Status409Conflict);
        route
            .MapMethods("/torrents/{hash}", Methods.Read, GetTorrent)
            .WithName("getTorrentInRoute")
            .WithSummary("One torrent in one route");
        route
            .MapPatch("/torrents/{hash}", MoveAsync)
            .WithName("moveTorrent")
            .WithSummary("Move a torrent to another route, rename it, or both")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        route
            .MapDelete("/torrents/{hash}", RemoveTorrentAsync)
            .WithName("removeTorrent")
            .WithSummary("Remove a torrent from a route")
            .WithDescription(
                "When no other route has it, its metadata goes as well, and unless `data` is false its pieces on disk. Removing what is not there is 404."
            )
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    internal static Ok<RouteListView> List(RouteManager routes, ClaimsPrincipal user)
    {
        return TypedResults.Ok(
            new RouteListView([.. routes.Current.Routes.Where(r => RouteRights.Sees(user, r.Name)).Select(r => View(r, user))])
        );
    }

    private static Results<Ok<RouteItemView>, ProblemHttpResult> Get(string route, HttpContext context, RouteManager routes)
    {
        var name = RouteAddress.NameOf(context);
        return RouteRights.Sees(context.User, name) && routes.FindRoute(name) is { } found
            ? TypedResults.Ok(View(found, context.User))
            : NoRoute(name);
    }

    internal static async Task<Results<Created<RouteItemView>, ProblemHttpResult>> MakeAsync(
        NewRouteView body,
        RouteManager routes,
        ClaimsPrincipal user,
        CancellationToken cancellationToken
    )
    {
        var name = body.Name ?? "";
        if (!RouteRights.Sees(user, name) && RouteName.Mistake(name) is null)
        {
            return NotYours(name);
        }

        var result = await routes.MakeRouteAsync(name, cancellationToken);
        return result.Succeeded && routes.FindRoute(name) is { } made
            ? TypedResults.Created($"{ApiV1.Prefix}/routes/{Uri.EscapeDataString(made.Name)}", View(made, user))
            : Refusal.From(result);
    }

    private static async Task<Results<Ok<RouteItemView>, ProblemHttpResult>> RenameAsync(
        string route,
        RenameRouteView body,
        HttpContext context,
        RouteManager routes,
        CancellationToken cancellationToken
    )
    {
        var (name, next) = (RouteAddress.NameOf(context), body.Name ?? "");
        if (!RouteRights.Sees(context.User, name))
        {
            return NoRoute(name);
        }

        if (!RouteRights.Sees(context.User, next) && RouteName.Mistake(next) is null)
        {
            return NotYours(next);
        }

        var result = await routes.RenameRouteAsync(name, next, cancellationToken);
        return !result.Succeeded ? Refusal.From(result)
            : routes.FindRoute(next) is { } renamed ? TypedResults.Ok(View(renamed, context.User))
            : NoRoute(next);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string route,
        HttpContext context,
        RouteManager routes,
        CancellationToken cancellationToken
    )
    {
        var name = RouteAddress.NameOf(context);
        if (!RouteRights.Sees(context.User, name))
        {
            return NoRoute(name);
        }

        var result = await routes.RemoveRouteAsync(name, cancellationToken);
        return result.Succeeded ? TypedResults.NoContent() : Refusal.From(result);
    }

    private static Results<Ok<TorrentItemView>, ProblemHttpResult> GetTorrent(
        string route,
        string hash,
        HttpContext context,
        RouteManager routes,
        BitTorrent.TorrentSession session
    )
    {
        if (!InfoHash.TryParse(hash, out var parsed))
        {
            return TorrentAddress.NotAHash(hash);
        }

        var name = RouteAddress.NameOf(context);
        return RouteRights.Sees(context.User, name) && routes.Find(name, parsed) is { } row
            ? TypedResults.Ok(TorrentItems.View(row, session.Find(parsed), context.User))
            : Refusal.NotFound($"Route \"{name}\" has no torrent {parsed}.");
    }

    private static Task<Results<Ok<TorrentItemView>, ProblemHttpResult>> MoveAsync(
        string route,
        string hash,
        MoveTorrentView body,
        HttpContext context,
        RouteManager routes,
        BitTorrent.TorrentSession session,
        CancellationToken cancellationToken
    )
    {
        return MoveByNameAsync(RouteAddress.NameOf(context), hash, body, context.User, routes, session, cancellationToken);
    }

    /// <summary>The same for a route whose name is known.</summary>
    internal static async Task<Results<Ok<TorrentItemView>, ProblemHttpResult>> MoveByNameAsync(
        string name,
        string hash,
        MoveTorrentView body,
        ClaimsPrincipal user,
        RouteManager routes,
        BitTorrent.TorrentSession session,
        CancellationToken cancellationToken
    )
    {
        if (!InfoHash.TryParse(hash, out var parsed))
        {
            return TorrentAddress.NotAHash(hash);
        }

        var to = body.Route ?? name;
        if (!RouteRights.Sees(user, name))
        {
            return Refusal.NotFound($"Route \"{name}\" has no torrent {parsed}.");
        }

        if (!RouteRights.Sees(user, to) && RouteName.Mistake(to) is null)
        {
            return NotYours(to);
        }

        var result = await routes.MoveAsync(name, parsed, to, body.Name, cancellationToken);
        return !result.Succeeded ? Refusal.From(result)
            : routes.Find(to, parsed) is { } row ? TypedResults.Ok(TorrentItems.View(row, session.Find(parsed), user))
            : Refusal.NotFound($"Route \"{to}\" has no torrent {parsed}.");
    }

    private static Task<Results<NoContent, ProblemHttpResult>> RemoveTorrentAsync(
        string route,
        string hash,
        bool? data,
        HttpContext context,
        RouteManager routes,
        CancellationToken cancellationToken
    )
    {
        return RemoveByNameAsync(RouteAddress.NameOf(context), hash, data ?? true, context.User, routes, cancellationToken);
    }

    /// <summary>The same for a route whose name is known.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveByNameAsync(
        string name,
        string hash,
        bool pieces,
        ClaimsPrincipal user,
        RouteManager routes,
        CancellationToken cancellationToken
    )
    {
        if (!InfoHash.TryParse(hash, out var parsed))
        {
            return TorrentAddress.NotAHash(hash);
        }

        if (!RouteRights.Sees(user, name))
        {
            return Refusal.NotFound($"Route \"{name}\" has no torrent {parsed}.");
        }

        var result = await routes.RemoveAsync(name, parsed, pieces, cancellationToken);
        return result.Succeeded ? TypedResults.NoContent() : Refusal.From(result);
    }

    private static ProblemHttpResult NoRoute(string name)
    {
        return Refusal.NotFound($"There is no route \"{name}\"; GET /api/v1/routes lists them.");
    }

    private static ProblemHttpResult NotYours(string name)
    {
        return Refusal.Of(StatusCodes.Status403Forbidden, $"This user may not use the route \"{name}\".");
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
