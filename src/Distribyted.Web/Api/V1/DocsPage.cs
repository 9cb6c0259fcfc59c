using System.Text;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>The document of /api/v1/docs/ and the script that starts it. The package has a document of its own, but with a script in it, which no policy of ours allows.</summary>
internal static class DocsPage
{
    // The script of the package finds the base path by the address of the page, which ends with the first argument.
    private static readonly byte[] Script = Encoding.UTF8.GetBytes(
        $$"""
        import { initialize } from './scalar.aspnetcore.js'
        initialize(encodeURIComponent('{{ApiV1.Prefix}}/docs/'), false, {
          withDefaultFonts: false,
          telemetry: false,
          showDeveloperTools: 'never',
          agent: { disabled: true },
          sources: [{ title: 'v1', url: '{{ApiV1.Prefix[1..]}}/openapi.json' }],
        }, '')
        """
    );

    public static void Map(IEndpointRouteBuilder docs)
    {
        docs.MapMethods("/", Methods.Read, SendPageAsync);
        docs.MapMethods("/start.js", Methods.Read, SendScriptAsync);
    }

    private static Task SendPageAsync(HttpContext context)
    {
        var address = ApiV1.Address(context.Request, "/docs/");
        if (!context.Request.Path.Value!.EndsWith('/'))
        {
            context.Response.Redirect(address);
            return Task.CompletedTask;
        }

        var page = $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Distribyted API</title>
            <link rel="icon" href="{address}favicon.svg">
            </head>
            <body>
            <div id="app"></div>
            <script src="{address}scalar.js"></script>
            <script type="module" src="{address}start.js"></script>
            </body>
            </html>
            """;
        return Answer.SendAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page));
    }

    private static Task SendScriptAsync(HttpContext context)
    {
        return Answer.SendAsync(context, StatusCodes.Status200OK, "text/javascript; charset=utf-8", Script);
    }
}
