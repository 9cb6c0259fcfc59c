using Distribyted.Web.Logs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Distribyted.Web.Api;

/// <summary>GET /api/log: the last 64 KiB of JSON lines, then each new one; <c>?follow=false</c> ends after the former.</summary>
internal sealed class LogsApi(LogFeed feed, IHostApplicationLifetime lifetime)
{
    private const int Tail = 64 * 1024;

    public async Task GetAsync(HttpContext context)
    {
        // Lines name every torrent and the addresses of peers: nothing for those who may only see and play.
        if (!RouteRights.MaySeeAll(context.User))
        {
            await Problems.SendAsync(context, new Problem(StatusCodes.Status403Forbidden, "The log is for users with full rights."));
            return;
        }

        var response = context.Response;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (string.Equals(context.Request.Query["follow"], "false", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var line in feed.Last(Tail))
            {
                await response.BodyWriter.WriteAsync(line, context.RequestAborted);
            }

            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await response.BodyWriter.FlushAsync(end.Token); // the head goes at once, though there may be no line for a while
            await foreach (var line in feed.FollowAsync(Tail, end.Token))
            {
                await response.BodyWriter.WriteAsync(line, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client has gone, or we are ending: both are how a followed log ends.
        }
    }
}
