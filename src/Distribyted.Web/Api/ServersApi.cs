using Distribyted.BitTorrent;
using Distribyted.Routes.Sharing;
using Distribyted.Web.Api.Contracts;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>GET /api/servers. Magnets and folders of this machine are for who may do everything; for others the list is empty.</summary>
internal sealed class ServersApi(SharedFolders folders, TorrentSession session)
{
    public Task GetAsync(HttpContext context)
    {
        IReadOnlyList<ServerView> views = RouteRights.MaySeeAll(context.User) ? [.. folders.Current.Select(View)] : [];
        return Answer.JsonAsync(context, views, ApiJson.Default.IReadOnlyListServerView);
    }

    private ServerView View(SharedFolderView folder)
    {
        var torrent = folder.InfoHash is { } hash ? session.Find(hash) : null;
        var statistics = torrent?.GetStatistics();
        return new ServerView(
            folder.Magnet,
            folder.Updated?.ToUnixTimeSeconds() ?? 0,
            folder.Name,
            folder.Folder,
            folder.State.ToString(),
            statistics?.Peers ?? 0,
            statistics?.Seeds ?? 0
        );
    }
}
