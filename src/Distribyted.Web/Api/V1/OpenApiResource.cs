using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scalar.AspNetCore;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/openapi.json and /api/v1/docs: the description of the API, made at the first request for it, and a page to browse it.</summary>
internal static class OpenApiResource
{
    private const string Address = ApiV1.Prefix + "/openapi.json";

    // The page brings its own script and style. It loads nothing from elsewhere, and could not.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods(
                "/openapi.json",
                Methods.Read,
                static async (HttpContext context, OpenApiText text) =>
                    TypedResults.Bytes(await text.GetAsync(context.RequestAborted), "application/json")
            )
            .ExcludeFromDescription();
        var page = api.MapGroup("/docs");
        page.MapScalarApiReference(
            "/",
            static options =>
            {
                options.Title = "Distribyted API";
                options.DefaultFonts = false;
                options.OpenApiRoutePattern = Address;
                options.Telemetry = false;
            }
        );
        ((IEndpointConventionBuilder)page).Finally(Guard);
    }

    // The package lets everybody have its script; nothing here is for everybody.
    private static void Guard(EndpointBuilder endpoint)
    {
        foreach (var open in endpoint.Metadata.OfType<IAllowAnonymous>().ToList())
        {
            endpoint.Metadata.Remove(open);
        }

        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            context.Response.Headers.ContentSecurityPolicy = PagePolicy;
            return inner(context);
        };
    }
}
