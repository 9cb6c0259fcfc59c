using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.Http.Proxies;

/// <summary>The path below which a reverse proxy serves a listener: <c>/torrents</c> of <c>https://example.org/torrents/</c>.</summary>
/// <remarks>Some proxies take it off the requests that they pass on, some do not: both work, and so does the listener's own address without it. Answers always
/// have it: <c>Request.PathBase</c> is what links, cookies and redirects begin with, and neither <c>Request.Path</c> nor the raw target has it.</remarks>
public static class BasePath
{
    /// <summary>Goes after <see cref="TrustedProxies"/>, which may name another path, and before everything that looks at paths.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="basePath">Begins with a slash and does not end with one; empty: the root, unless a proxy says otherwise.</param>
    public static IApplicationBuilder UseBasePath(this IApplicationBuilder app, string basePath)
    {
        PathString configured = new(basePath.Length > 0 ? basePath : null);
        return app.Use(
            (context, next) =>
            {
                var request = context.Request;
                if (request.PathBase.HasValue || configured.HasValue)
                {
                    Apply(request, request.PathBase.HasValue ? new PathString(request.PathBase.Value!.TrimEnd('/')) : configured);
                }

                return next(context);
            }
        );
    }

    private static void Apply(HttpRequest request, PathString path)
    {
        request.PathBase = path;
        if (!path.HasValue || !request.Path.StartsWithSegments(path, StringComparison.Ordinal, out var rest))
        {
            return;
        }

        request.Path = rest.HasValue ? rest : "/";
        if (request.HttpContext.Features.Get<IHttpRequestFeature>() is { } feature)
        {
            feature.RawTarget = Below(feature.RawTarget, path.ToUriComponent());
        }
    }

    // The rest begins with a slash or with the query. What is spelled otherwise stays, and is no address of ours.
    private static string Below(string target, string path)
    {
        if (!target.StartsWith(path, StringComparison.Ordinal))
        {
            return target;
        }

        var rest = target[path.Length..];
        return rest is ['/', ..] ? rest : "/" + rest;
    }
}
