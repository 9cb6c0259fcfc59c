using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scalar.AspNetCore;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/openapi.json and /api/v1/docs: the description of the API, made at the first request for it, and a page to browse it.</summary>
internal static class OpenApiResource
{
    // The page brings its own script and style. It loads nothing from elsewhere, and could not.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods(
                "/openapi.json",
                Methods.Read,
                static async (HttpContext context, OpenApiText text) =>
                    TypedResults.Bytes(
                        await text.GetAsync(context.Request.PathBase.ToUriComponent(), context.RequestAborted),
                        "application/json"
                    )
            )
            .ExcludeFromDescription();
        var page = api.MapGroup("/docs");
        DocsPage.Map(page);
        page.MapScalarApiReference("/");
        ((IEndpointConventionBuilder)page).Finally(Guard);
    }

    private static Task NotHereAsync(HttpContext context)
    {
        return ProblemAnswers.SendAsync(
            context,
            StatusCodes.Status404NotFound,
            $"There is nothing at this address, but at {ApiV1.Prefix}/docs/."
        );
    }

    // The package lets everybody have its script; nothing here is for everybody.
    private static void Guard(EndpointBuilder endpoint)
    {
        foreach (var open in endpoint.Metadata.OfType<IAllowAnonymous>().ToList())
        {
            endpoint.Metadata.Remove(open);
        }

        // Its own document has a script in it.
        var isDocument = ((RouteEndpointBuilder)endpoint).RoutePattern.Parameters.Count > 0;
        var inner = isDocument ? NotHereAsync : endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            context.Response.Headers.ContentSecurityPolicy = PagePolicy;
            return inner(context);
        };
    }
}
