using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Routes.Sharing;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Stalls;

namespace Distribyted.Web.Api.V1;

/// <summary>API v1 for the pages of this program: the same handlers, rights and answers, without HTTP. Safe for use by many threads.</summary>
public sealed class InProcessApi
{
    private readonly TorrentSession _session;
    private readonly RouteManager _routes;
    private readonly SharedFolders _folders;
    private readonly TorrentIndex _index;
    private readonly StallLog _stalls;
    private readonly ISettingsReport _settings;
    private readonly ServerStart _start;
    private readonly TimeProvider _time;

    internal InProcessApi(
        TorrentSession session,
        RouteManager routes,
        SharedFolders folders,
        TorrentIndex index,
        StallLog stalls,
        ISettingsReport settings,
        ServerStart start,
        TimeProvider time
    )
    {
        _session = session;
        _routes = routes;
        _folders = folders;
        _index = index;
        _stalls = stalls;
        _settings = settings;
        _start = start;
        _time = time;
    }

    /// <summary>Whether the user may change things: add, move and remove in the routes that he sees.</summary>
    public static bool MayChange(ClaimsPrincipal user)
    {
        return UserClaims.Rights(user) == UserRights.Full;
    }

    /// <summary>Whether the user may see what belongs to no route: log, settings, shared folders.</summary>
    public static bool SeesAll(ClaimsPrincipal user)
    {
        return RouteRights.MaySeeAll(user);
    }

    /// <summary>Bytes per second from and to peers, and bytes in the piece cache: what all users see.</summary>
    public (long Down, long Up, long Cache) Rates()
    {
        var now = _session.Statistics;
        return (now.Window.DownloadRate, now.Window.UploadRate, now.CacheFilled);
    }

    /// <summary>GET /statistics.</summary>
    public StatisticsView Statistics(ClaimsPrincipal user)
    {
        return ServerResource.Statistics(_session, _start, _time, user).Value!;
    }

    /// <summary>GET /readers.</summary>
    public async Task<IReadOnlyList<ReaderView>> ReadersAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        return (await ReadersResource.GetAsync(_routes, _session, user, cancellationToken)).Value!.Items;
    }

    /// <summary>GET /stalls.</summary>
    public IReadOnlyList<StallView> Stalls(ClaimsPrincipal user)
    {
        return StallsResource.Get(_stalls, user).Value!.Items;
    }

    /// <summary>GET /settings; empty for users who may not see them.</summary>
    public IReadOnlyList<SettingView> Settings(ClaimsPrincipal user)
    {
        return SeesAll(user) ? ServerResource.Settings(_settings).Value!.Items : [];
    }

    /// <summary>GET /servers; empty for users who may not see them.</summary>
    public IReadOnlyList<SharedFolderItemView> SharedFolders(ClaimsPrincipal user)
    {
        return SeesAll(user) ? ServerResource.Servers(_folders, _session).Value!.Items : [];
    }
}
