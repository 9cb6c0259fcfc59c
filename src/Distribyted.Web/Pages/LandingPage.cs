using System.Text;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Pages;

/// <summary>What stands at <c>/</c> until there is a dashboard: where everything is. No scripts, nothing loaded from anywhere.</summary>
internal static class LandingPage
{
    private static readonly byte[] Page = Encoding.UTF8.GetBytes(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Distribyted</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
        code { font-size: .95em; }
        li { margin: .4rem 0; }
        </style>
        </head>
        <body>
        <h1>Distribyted</h1>
        <p>Torrents as files: play and read them while they come.</p>
        <ul>
        <li><a href="/fs/">Files</a> of all routes, in the browser. Players take these addresses, too.</li>
        <li>The mount: WebDAV on its own port (36911 unless it was changed), same user and password.</li>
        <li><a href="/api/routes">/api/routes</a>: routes and torrents, what is here and what waits.</li>
        <li><a href="/api/status">/api/status</a>: cache and transfer right now.</li>
        <li><a href="/api/servers">/api/servers</a>: shared folders and their magnets.</li>
        <li><a href="/api/log?follow=false">/api/log</a>: the last lines of the log.</li>
        <li><a href="/health">/health</a>: whether the program lives.</li>
        </ul>
        <p>Add a torrent: <code>curl -u USER -d '{"magnet": "magnet:?..."}' http://HOST:4444/api/routes/ROUTE/torrent</code></p>
        </body>
        </html>
        """
    );

    public static Task SendAsync(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        return Answer.SendAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", Page);
    }
}
