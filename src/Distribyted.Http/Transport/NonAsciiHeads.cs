using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.Http.Transport;

/// <summary>Requests with raw UTF-8 in their addresses or ISO 8859-1 in their headers, which Kestrel answers with 400 before any handler sees them.</summary>
public static class NonAsciiHeads
{
    /// <summary>Takes them on a listener, after TLS and before HTTP. Only the first request of a connection without <see cref="UseNonAsciiHeads(IApplicationBuilder)"/>.</summary>
    public static IConnectionBuilder UseNonAsciiHeads(this IConnectionBuilder listen)
    {
        return listen.Use(next =>
            async connection =>
            {
                var transport = connection.Transport;
                var input = new HeadInput(transport.Input);
                connection.Transport = new Pipes(input, transport.Output);
                connection.Features.Set<IHeadInput>(input);
                try
                {
                    await next(connection);
                }
                finally
                {
                    connection.Transport = transport;
                }
            }
        );
    }

    /// <summary>Says where a head ends and how long the body behind it is. Goes before all else in the application.</summary>
    public static IApplicationBuilder UseNonAsciiHeads(this IApplicationBuilder app)
    {
        return app.Use(
            (context, next) =>
            {
                context.Features.Get<IHeadInput>()?.BodyFollows(Body(context));
                return next(context);
            }
        );
    }

    private static long? Body(HttpContext context)
    {
        // What follows an upgrade (WebSocket) is no head and no body: such a request "can have no body", and its bytes are not to be touched all the same.
        return context.Request.Headers.Upgrade.Count > 0 ? null
            : context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? 0
            : context.Request.ContentLength;
    }
}
