using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.Http.Users;
using Distribyted.Platform;
using Distribyted.Routes.Sharing;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>/api/v1/statistics, /settings and /servers: the program as a whole.</summary>
internal static class ServerResource
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/statistics", Methods.Read, Statistics)
            .WithName("getStatistics")
            .WithTags("Server")
            .WithSummary("Counters since the start, cache and connections");
        api.MapMethods("/settings", Methods.Read, Settings)
            .WithName("listSettings")
            .WithTags("Server")
            .WithSummary("All keys of the configuration with the value in force and who gave it")
            .WithDescription("Secrets are masked. For users who may do everything.")
            .RequireAuthorization(ApiRights.SeesAll);
        api.MapMethods("/servers", Methods.Read, Servers)
            .WithName("listSharedFolders")
            .WithTags("Server")
            .WithSummary("The shared folders and their magnets")
            .WithDescription("For users who may do everything.")
            .RequireAuthorization(ApiRights.SeesAll);
    }

    internal static Ok<StatisticsView> Statistics(TorrentSession session, ServerStart start, TimeProvider time, ClaimsPrincipal user)
    {
        var now = session.Statistics;
        return TypedResults.Ok(
            new StatisticsView(
                Product.Version,
                start.At,
                time.GetUtcNow(),
                now.Downloaded,
                now.Uploaded,
                now.Verified,
                now.Wasted,
                now.Window.DownloadRate,
                now.Window.UploadRate,
                now.CacheItems,
                now.CacheFilled,
                now.CacheCapacity < 0 ? null : now.CacheCapacity,
                now.IsDiskFull,
                now.Connections,
                now.MaxConnections,
                now.Torrents,
                now.ActiveTorrents,
                UserClaims.Rights(user) == UserRights.Full ? session.ListenPort : null,
                session.ReachTrouble,
                session.FreeDisk,
                now.DhtNodes
            )
        );
    }

    internal static Ok<SettingsView> Settings(ISettingsReport settings)
    {
        return TypedResults.Ok(
            new SettingsView([
                .. settings.Read().Select(static s => new SettingView(s.Key, s.Value, s.Default, s.Source, s.Place, s.IsSecret, s.Meaning)),
            ])
        );
    }

    internal static Ok<SharedFoldersView> Servers(SharedFolders folders, TorrentSession session)
    {
        return TypedResults.Ok(new SharedFoldersView([.. folders.Current.Select(folder => View(folder, session))]));
    }

    private static SharedFolderItemView View(SharedFolderView folder, TorrentSession session)
    {
        var statistics = folder.InfoHash is { } hash ? session.Find(hash)?.GetStatistics() : null;
        return new SharedFolderItemView(
            folder.Name,
            folder.Folder,
            folder.State switch
            {
                SharedFolderState.Seeding => SharedFolderStateView.Seeding,
                SharedFolderState.Reading => SharedFolderStateView.Reading,
                SharedFolderState.Updating => SharedFolderStateView.Updating,
                SharedFolderState.Stopped => SharedFolderStateView.Stopped,
                SharedFolderState.Error => SharedFolderStateView.Error,
                _ => SharedFolderStateView.Unknown,
            },
            folder.InfoHash?.ToString(),
            folder.Magnet.Length > 0 ? folder.Magnet : null,
            folder.Updated,
            statistics?.Peers ?? 0,
            statistics?.Uploaded ?? 0,
            folder.Hashed
        );
    }
}
