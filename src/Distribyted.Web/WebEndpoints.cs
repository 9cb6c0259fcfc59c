using Distribyted.Web.Api;
using Distribyted.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web;

/// <summary>Every address of the web door, one line per resource.</summary>
public static class WebEndpoints
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Refuses unsafe requests that another site's page sends with this browser's credentials. Goes before routing.</summary>
    public static IApplicationBuilder UseSameSite(this IApplicationBuilder app)
    {
        return app.Use(
            (context, next) => SameSite.Refuses(context.Request) ? Problems.SendAsync(context, SameSite.Refusal) : next(context)
        );
    }

    /// <summary>Maps the web door.</summary>
    public static IEndpointRouteBuilder MapWeb(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var routes = services.GetRequiredService<RoutesApi>();
        var files = services.GetRequiredService<FilesApi>();
        var health = services.GetRequiredService<HealthApi>();

        endpoints.MapMethods("/", GetAndHead, LandingPage.SendAsync);
        endpoints.MapGet("/api/status", services.GetRequiredService<StatusApi>().GetAsync);
        endpoints.MapGet("/api/routes", routes.GetAsync);
        endpoints.MapPost("/api/routes/{route}/torrent", services.GetRequiredService<AddTorrent>().PostAsync);
        endpoints.MapDelete("/api/routes/{route}/torrent/{hash}", routes.DeleteAsync);
        endpoints.MapGet("/api/servers", services.GetRequiredService<ServersApi>().GetAsync);
        endpoints.MapGet("/api/log", services.GetRequiredService<LogsApi>().GetAsync);
        endpoints.MapMethods("/health", GetAndHead, health.LiveAsync).AllowAnonymous();
        endpoints.MapMethods("/health/live", GetAndHead, health.LiveAsync).AllowAnonymous();
        endpoints.MapMethods("/health/ready", GetAndHead, health.ReadyAsync).AllowAnonymous();
        endpoints.MapMethods("/fs", GetAndHead, files.GetAsync);
        endpoints.MapMethods("/fs/{**path}", GetAndHead, files.GetAsync);
        endpoints.MapFallback(NotFoundAsync);
        return endpoints;
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        return Problems.SendAsync(
            context,
            new Problem(StatusCodes.Status404NotFound, "There is nothing at this address; / says what there is.")
        );
    }
}
