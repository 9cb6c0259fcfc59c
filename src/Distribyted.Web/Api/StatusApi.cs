using Distribyted.BitTorrent;
using Distribyted.Web.Api.Contracts;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>GET /api/status.</summary>
internal sealed class StatusApi(TorrentSession session)
{
    public Task GetAsync(HttpContext context)
    {
        var now = session.Statistics;
        var moved = new TransferView(now.Window.Downloaded, now.Window.Uploaded, now.Window.Length.TotalSeconds);
        var capacity = now.CacheCapacity < 0 ? -1 : now.CacheCapacity >> 20;
        return Answer.JsonAsync(
            context,
            new StatusView(now.CacheItems, now.CacheFilled >> 20, capacity, moved),
            ApiJson.Default.StatusView
        );
    }
}
