using Distribyted.BitTorrent;
using Distribyted.Web.Api.Contracts;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Distribyted.Web.Api;

/// <summary>Whether the program lives, and whether it is ready. Says nothing about content, so that it needs no sign-in.</summary>
internal sealed class HealthApi(IHostApplicationLifetime lifetime, TorrentSession session)
{
    /// <summary>It lives; and what its owner would want to know although everything works.</summary>
    public Task GetAsync(HttpContext context)
    {
        return Answer.JsonAsync(
            context,
            new HealthView("ok", session.ReachTrouble is { } trouble ? [trouble] : []),
            ApiJson.Default.HealthView
        );
    }

    public Task LiveAsync(HttpContext context)
    {
        return Answer.JsonAsync(context, new HealthView("ok", []), ApiJson.Default.HealthView);
    }

    public Task ReadyAsync(HttpContext context)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return NotReadyAsync(context, "stopping", "The program is ending.");
        }

        return lifetime.ApplicationStarted.IsCancellationRequested
            ? LiveAsync(context)
            : NotReadyAsync(context, "starting", "The program is starting.");
    }

    private static Task NotReadyAsync(HttpContext context, string status, string reason)
    {
        return Answer.JsonAsync(
            context,
            new HealthView(status, [reason]),
            ApiJson.Default.HealthView,
            StatusCodes.Status503ServiceUnavailable
        );
    }
}
