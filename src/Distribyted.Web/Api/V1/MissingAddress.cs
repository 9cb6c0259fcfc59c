using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Api.V1;

/// <summary>Answers addresses below /api/v1 that no endpoint takes: 405 with what the address takes, 415 when it takes the method with bodies of another type, or 404.</summary>
internal static class MissingAddress
{
    public static Task SendAsync(HttpContext context)
    {
        var allowed = AllowedAt(context);
        if (allowed.Count == 0)
        {
            return ProblemAnswers.SendAsync(
                context,
                StatusCodes.Status404NotFound,
                "There is nothing at this address; /api/v1/openapi.json describes what there is."
            );
        }

        if (allowed.Contains(context.Request.Method))
        {
            return ProblemAnswers.SendAsync(
                context,
                StatusCodes.Status415UnsupportedMediaType,
                "The body is not of a type that this address takes; /api/v1/openapi.json says which it takes."
            );
        }

        var allow = string.Join(", ", allowed);
        context.Response.Headers.Allow = allow;
        return ProblemAnswers.SendAsync(
            context,
            StatusCodes.Status405MethodNotAllowed,
            $"There is no {context.Request.Method} at this address, only {allow}."
        );
    }

    // Found among the endpoints that there are, so that a new one needs no second line. Costs some microseconds, for mistakes only.
    private static SortedSet<string> AllowedAt(HttpContext context)
    {
        var allowed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (
                endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 } methods
                && endpoint.RoutePattern.RawText is { } pattern
                && pattern.StartsWith(ApiV1.Prefix, StringComparison.Ordinal)
                && new TemplateMatcher(TemplateParser.Parse(pattern), []).TryMatch(context.Request.Path, [])
            )
            {
                allowed.UnionWith(methods.HttpMethods);
            }
        }

        return allowed;
    }
}
