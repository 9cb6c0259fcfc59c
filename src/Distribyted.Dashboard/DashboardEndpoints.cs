using Distribyted.Dashboard.Assets;
using Distribyted.Dashboard.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Dashboard;

/// <summary>The addresses of the pages and of what they load.</summary>
public static class DashboardEndpoints
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    // Each is the @page of a component; a new page needs a line here. /routes, /servers and /logs are those of the Go program.
    private static readonly string[] Pages =
    [
        "/",
        "/routes",
        "/torrents/{hash}",
        "/add",
        "/files/{**path}",
        "/connect",
        "/servers",
        "/logs",
        "/settings",
        "/about",
        "/welcome",
    ];

    /// <summary>Maps all addresses. Which user may ask for them is decided by the rules of the application around them.</summary>
    public static IEndpointRouteBuilder MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        var pages = endpoints.ServiceProvider.GetRequiredService<LazyPages>();
        foreach (var address in Pages)
        {
            endpoints.MapMethods(address, GetAndHead, pages.InvokeAsync);
        }

        endpoints.MapMethods("/favicon.ico", GetAndHead, AssetFiles.SendIconAsync); // for folders of /fs and answers of the API, which name no icon
        endpoints.MapMethods("/_app/{**path}", GetAndHead, pages.InvokeAsync);
        endpoints.Map("/_blazor/{**path}", pages.InvokeAsync);
        return endpoints;
    }
}
