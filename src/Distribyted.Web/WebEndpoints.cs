using Distribyted.Http.Authentication;
using Distribyted.Web.Api;
using Distribyted.Web.Api.V1;
using Distribyted.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web;

/// <summary>Every address of the web listener, one line per resource.</summary>
public static class WebEndpoints
{
    private const string Get = "GET";
    private static readonly string[] GetAndHead = [Get, HttpMethods.Head];

    /// <summary>Refuses unsafe requests that another site's page sends with this browser's credentials. Goes before routing.</summary>
    public static IApplicationBuilder UseCrossSiteGuard(this IApplicationBuilder app)
    {
        return app.Use(
            (context, next) => CrossSiteGuard.Refuses(context.Request) ? Problems.SendAsync(context, CrossSiteGuard.Refusal) : next(context)
        );
    }

    /// <summary>Every failure below <c>/api/v1</c> is a problem document (RFC 9457). Goes before routing.</summary>
    public static IApplicationBuilder UseApiProblems(this IApplicationBuilder app)
    {
        return app.UseMiddleware<ProblemAnswers>();
    }

    /// <summary>Maps all addresses.</summary>
    public static IEndpointRouteBuilder MapWeb(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var routes = services.GetRequiredService<RoutesApi>();
        var files = services.GetRequiredService<FilesApi>();
        var health = services.GetRequiredService<HealthApi>();

        Map(endpoints, "/api/status", (Get, services.GetRequiredService<StatusApi>().GetAsync));
        Map(endpoints, "/api/routes", (Get, routes.GetAsync));
        Map(endpoints, "/api/routes/{route}/torrent", (HttpMethods.Post, services.GetRequiredService<AddTorrent>().PostAsync));
        Map(endpoints, "/api/routes/{route}/torrent/{hash}", (HttpMethods.Delete, routes.DeleteAsync));
        Map(endpoints, "/api/servers", (Get, services.GetRequiredService<ServersApi>().GetAsync));
        Map(endpoints, "/api/trace/{hash}", (Get, services.GetRequiredService<TraceApi>().GetAsync));
        Map(endpoints, "/api/log", (Get, services.GetRequiredService<LogsApi>().GetAsync));
        Map(endpoints, "/fs", (Get, files.GetAsync));
        Map(endpoints, "/fs/{**path}", (Get, files.GetAsync));
        var open = endpoints.MapGroup("").AllowAnonymous();
        Map(open, "/health", (Get, health.GetAsync));
        Map(open, "/health/live", (Get, health.LiveAsync));
        Map(open, "/health/ready", (Get, health.ReadyAsync));
        Map(open, SignOutPage.Path, (Get, SignOut), (HttpMethods.Post, SignOutWith));
        Map(open, SignInPage.Path, (Get, SignIn), (HttpMethods.Post, SignInWith));
        open.Map(ApiV1.Prefix + "/{**path}", services.GetRequiredService<ApiV1Pipeline>().InvokeAsync); // it has the rights of its endpoints
        _ = services.GetRequiredService<ServerStart>();
        endpoints.MapFallback(NotFoundAsync);
        return endpoints;
    }

    // One resource: GET means HEAD too, and what is not named here is 405.
    private static void Map(IEndpointRouteBuilder endpoints, string pattern, params (string Method, RequestDelegate Handler)[] methods)
    {
        var allow = string.Join(", ", methods.Select(row => row.Method == Get ? "GET, HEAD" : row.Method));
        foreach (var (method, handler) in methods)
        {
            endpoints.MapMethods(pattern, method == Get ? GetAndHead : [method], handler);
        }

        endpoints.Map(pattern, context => Problems.MethodNotAllowedAsync(context, allow));
    }

    // Made for each request: a daemon that no browser is pointed at never makes them.
    private static Task SignIn(HttpContext context)
    {
        return new SignInPage(context.RequestServices.GetRequiredService<BrowserSignIn>()).GetAsync(context);
    }

    private static Task SignInWith(HttpContext context)
    {
        return new SignInPage(context.RequestServices.GetRequiredService<BrowserSignIn>()).PostAsync(context);
    }

    private static Task SignOut(HttpContext context)
    {
        return new SignOutPage(context.RequestServices.GetRequiredService<BrowserSignIn>()).GetAsync(context);
    }

    private static Task SignOutWith(HttpContext context)
    {
        return new SignOutPage(context.RequestServices.GetRequiredService<BrowserSignIn>()).PostAsync(context);
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        return Problems.SendAsync(
            context,
            new Problem(StatusCodes.Status404NotFound, "There is nothing at this address; / says what there is.")
        );
    }
}
