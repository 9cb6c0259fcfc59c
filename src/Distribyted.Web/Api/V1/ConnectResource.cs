using System.Security.Claims;
using Distribyted.Http.Clients;
using Distribyted.Platform;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Connect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/connect: how devices are connected, whether it works, and what they last asked for.</summary>
internal static class ConnectResource
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/connect", Methods.Read, Get)
            .WithName("getConnect")
            .WithTags("Connect")
            .WithSummary("The addresses of this server, and how each program is connected");
        api.MapMethods("/connect/check", Methods.Read, CheckAsync)
            .WithName("runSelfCheck")
            .WithTags("Connect")
            .WithSummary("Asks the WebDAV listener what clients ask, and says what came")
            .WithDescription("Reads one byte of one file.");
        api.MapMethods("/connect/clients", Methods.Read, Clients)
            .WithName("listClients")
            .WithTags("Connect")
            .WithSummary("What each kind of program last asked for and got, with the likely mistake")
            .WithDescription("For users who may do everything.")
            .RequireAuthorization(ApiRights.SeesAll);
        api.MapMethods($"/connect/{ConnectFiles.WindowsRegistryName}", Methods.Read, WindowsRegistry)
            .WithName("getWindowsRegistry")
            .WithTags("Connect")
            .WithSummary("What Windows needs in its registry to mount this server")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        api.MapMethods($"/connect/{ConnectFiles.RcloneName}", Methods.Read, Rclone)
            .WithName("getRcloneConfiguration")
            .WithTags("Connect")
            .WithSummary("The section of rclone.conf for this server, without the password")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Ok<ConnectView> Get(AddressBook book, HttpRequest request, ClaimsPrincipal user)
    {
        var addresses = book.Of(Browser(request));
        var recipes = Recipes
            .For(addresses, book.UserName(user))
            .Select(r => new RecipeView(
                r.Id,
                r.Name,
                r.Devices,
                r.Steps,
                r.Notes,
                [.. r.Files.Select(f => new Uri(addresses.Web, f.Path).AbsoluteUri)]
            ));
        return TypedResults.Ok(
            new ConnectView(
                addresses.Web.AbsoluteUri,
                addresses.Files.AbsoluteUri,
                [.. addresses.WebDav.Select(static a => a.Url.AbsoluteUri)],
                [.. recipes]
            )
        );
    }

    private static async Task<Ok<CheckView>> CheckAsync(SelfCheck check, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        return TypedResults.Ok(new CheckView(await check.RunAsync(user, cancellationToken)));
    }

    private static Ok<ClientsView> Clients(RecentRequests recent)
    {
        return TypedResults.Ok(new ClientsView([.. recent.Seen.Select(kind => View(kind, recent.Of(kind)))]));
    }

    private static ClientView View(ClientKind kind, IReadOnlyList<ClientRequest> requests)
    {
        return new ClientView(
            kind,
            ClientMistakes.Of(requests),
            [
                .. requests.Select(static r => new ClientRequestView(
                    r.At,
                    r.Listener,
                    r.Method,
                    r.Target,
                    r.Status == 0 ? null : r.Status,
                    r.User,
                    r.Address is null ? null : ClientAddress.Plain(r.Address).ToString()
                )),
            ]
        );
    }

    private static FileContentHttpResult WindowsRegistry()
    {
        return Download(ConnectFiles.WindowsRegistry, ConnectFiles.WindowsRegistryName);
    }

    private static Results<FileContentHttpResult, ProblemHttpResult> Rclone(AddressBook book, HttpRequest request, ClaimsPrincipal user)
    {
        return book.Of(Browser(request)).Mount is { } mount
            ? Download(ConnectFiles.RcloneConfiguration(mount, book.UserName(user)), ConnectFiles.RcloneName)
            : Refusal.NotFound("WebDAV is turned off; webdav.enabled turns it on.");
    }

    private static FileContentHttpResult Download(string text, string name)
    {
        return TypedResults.File(System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", name);
    }

    private static Uri Browser(HttpRequest request)
    {
        var text = $"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}/";
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : new Uri("http://localhost/"); // a Host header that is none
    }
}
