using System.Text;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>GET /api/trace/{hash}: the last events of a torrent's scheduler as a table, a line each, columns separated by tabs. For finding out why a read was slow.</summary>
internal sealed class TraceApi(TorrentSession session)
{
    public async Task GetAsync(HttpContext context)
    {
        if (!RouteRights.MaySeeAll(context.User))
        {
            await Problems.SendAsync(context, new Problem(StatusCodes.Status403Forbidden, "Traces are for users with full rights."));
            return;
        }

        var text = context.Request.RouteValues["hash"] as string;
        if (!InfoHash.TryParse(text, out var hash))
        {
            var detail = $"\"{text}\" is not an info hash. Use 40 hexadecimal digits.";
            await Problems.SendAsync(context, new Problem(StatusCodes.Status400BadRequest, detail));
            return;
        }

        if (session.Find(hash) is not { } torrent)
        {
            await Problems.SendAsync(context, new Problem(StatusCodes.Status404NotFound, $"There is no torrent {hash} here."));
            return;
        }

        if (torrent.GetTrace() is not { } trace)
        {
            const string detail =
                "Nothing is kept: the torrent is asleep, or torrent.trace_events is 0. Set it to 100000, start again and read from the torrent.";
            await Problems.SendAsync(context, new Problem(StatusCodes.Status404NotFound, detail));
            return;
        }

        await Answer.SendAsync(context, StatusCodes.Status200OK, "text/tab-separated-values; charset=utf-8", Encoding.UTF8.GetBytes(trace));
    }
}
