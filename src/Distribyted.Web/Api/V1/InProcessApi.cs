using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.Http.Authentication;
using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Routes.Sharing;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Stalls;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Api.V1;

/// <summary>API v1 for the pages of this program: the same handlers, rights and answers, without HTTP. Safe for use by many threads.</summary>
public sealed class InProcessApi
{
    private const string ReadOnly = "You may see and play, not change.";

    private readonly TorrentSession _session;
    private readonly RouteManager _routes;
    private readonly SharedFolders _folders;
    private readonly TorrentIndex _index;
    private readonly StallLog _stalls;
    private readonly ISettingsReport _settings;
    private readonly ServerStart _start;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly HttpAccessOptions _access;
    private readonly ILogger<TorrentAddress> _logger;

    internal InProcessApi(
        TorrentSession session,
        RouteManager routes,
        SharedFolders folders,
        TorrentIndex index,
        StallLog stalls,
        ISettingsReport settings,
        ServerStart start,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        HttpAccessOptions access,
        ILogger<TorrentAddress> logger
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
        _lifetime = lifetime;
        _access = access;
        _logger = logger;
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
    public IReadOnlyList<ReaderView> Readers(ClaimsPrincipal user)
    {
        return ReadersResource.Get(_routes, _session, user).Value!.Items;
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

    /// <summary>Most bytes of a <c>.torrent</c>.</summary>
    public long MaxUpload => _access.MaxUpload;

    /// <summary>GET /routes.</summary>
    public IReadOnlyList<RouteItemView> Routes(ClaimsPrincipal user)
    {
        return RoutesResource.List(_routes, user).Value!.Items;
    }

    /// <summary>GET /torrents.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="query">What is asked for; an order or state that is not known gives an empty page.</param>
    public TorrentPageView Torrents(ClaimsPrincipal user, TorrentQuery query)
    {
        return Answer(
                TorrentList.Get(_index, _session, user, query.Route, query.State, query.Text, query.Sort, query.Limit, query.Offset).Result,
                static (Ok<TorrentPageView> ok) => ok.Value!
            ).Value
            ?? new TorrentPageView([], 0, 0, null);
    }

    /// <summary>GET /torrents/{hash}; null: the user sees none.</summary>
    public async Task<TorrentDetailView?> TorrentAsync(ClaimsPrincipal user, string hash, CancellationToken cancellationToken)
    {
        var answer = await TorrentResource.GetAsync(hash, _routes, _session, user, cancellationToken);
        return Answer(answer.Result, static (Ok<TorrentDetailView> ok) => ok.Value!).Value;
    }

    /// <summary>GET /torrents/{hash}/files; empty while pending, and when the user sees no such torrent.</summary>
    public async Task<IReadOnlyList<TorrentFileView>> FilesAsync(ClaimsPrincipal user, string hash, CancellationToken cancellationToken)
    {
        var answer = await TorrentResource.FilesAsync(hash, _routes, _session, user, cancellationToken);
        return Answer(answer.Result, static (Ok<TorrentFilesView> ok) => ok.Value!).Value?.Items ?? [];
    }

    /// <summary>GET /torrents/{hash}/pieces; empty while pending, and when the user sees no such torrent.</summary>
    public async Task<PieceMapView> PiecesAsync(ClaimsPrincipal user, string hash, CancellationToken cancellationToken)
    {
        var answer = await TorrentResource.PiecesAsync(hash, _routes, _session, user, cancellationToken);
        return Answer(answer.Result, static (Ok<PieceMapView> ok) => ok.Value!).Value ?? new PieceMapView(0, 0, []);
    }

    /// <summary>GET /torrents/{hash}/peers; empty for users who may only read.</summary>
    public IReadOnlyList<PeerView> Peers(ClaimsPrincipal user, string hash)
    {
        return MayChange(user)
            ? Answer(PeersResource.Peers(hash, _routes, _session, user).Result, static (Ok<PeersView> ok) => ok.Value!).Value?.Items ?? []
            : [];
    }

    /// <summary>GET /torrents/{hash}/sources; empty for users who may only read.</summary>
    public IReadOnlyList<PeerSourceView> Sources(ClaimsPrincipal user, string hash)
    {
        return MayChange(user)
            ? Answer(PeersResource.Sources(hash, _routes, _session, user).Result, static (Ok<PeerSourcesView> ok) => ok.Value!).Value?.Items
                ?? []
            : [];
    }

    /// <summary>POST /torrents/{hash}/recheck.</summary>
    /// <returns>Why not; null: it began.</returns>
    public string? Recheck(ClaimsPrincipal user, string hash)
    {
        return MayChange(user)
            ? Answer(
                TorrentResource.Recheck(hash, _routes, _session, user, _logger).Result,
                static (Accepted<RecheckView> ok) => ok.Value!
            ).Problem
            : ReadOnly;
    }

    /// <summary>POST /torrents/{hash}/reannounce.</summary>
    /// <returns>Why not; null: it is done.</returns>
    public string? Reannounce(ClaimsPrincipal user, string hash)
    {
        return MayChange(user)
            ? Answer(TorrentResource.Reannounce(hash, _routes, _session, user).Result, static (NoContent ok) => ok).Problem
            : ReadOnly;
    }

    /// <summary>POST /routes.</summary>
    /// <returns>Why not; null: it is there.</returns>
    public async Task<string?> MakeRouteAsync(ClaimsPrincipal user, string name, CancellationToken cancellationToken)
    {
        return MayChange(user)
            ? Answer(
                (await RoutesResource.MakeAsync(new NewRouteView(name), _routes, user, cancellationToken)).Result,
                static (Created<RouteItemView> ok) => ok.Value!
            ).Problem
            : ReadOnly;
    }

    /// <summary>PATCH /routes/{route}/torrents/{hash}.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="route">The route that has it.</param>
    /// <param name="hash">Info hash.</param>
    /// <param name="to">Where it is to go and how it is to be called.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why not; null: it is done.</returns>
    public async Task<string?> MoveAsync(
        ClaimsPrincipal user,
        string route,
        string hash,
        MoveTorrentView to,
        CancellationToken cancellationToken
    )
    {
        return MayChange(user)
            ? Answer(
                (await RoutesResource.MoveByNameAsync(route, hash, to, user, _routes, _session, cancellationToken)).Result,
                static (Ok<TorrentItemView> ok) => ok.Value!
            ).Problem
            : ReadOnly;
    }

    /// <summary>DELETE /routes/{route}/torrents/{hash}.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="route">The route that has it.</param>
    /// <param name="hash">Info hash.</param>
    /// <param name="pieces">Whether its pieces on disk go as well.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why not; null: it is done.</returns>
    public async Task<string?> RemoveAsync(
        ClaimsPrincipal user,
        string route,
        string hash,
        bool pieces,
        CancellationToken cancellationToken
    )
    {
        return MayChange(user)
            ? Answer(
                (await RoutesResource.RemoveByNameAsync(route, hash, pieces, user, _routes, cancellationToken)).Result,
                static (NoContent ok) => ok
            ).Problem
            : ReadOnly;
    }

    /// <summary>POST /routes/{route}/torrents. Goes on when the page is closed: some of them are done already.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="route">The route, which is made when it is not there.</param>
    /// <param name="sources">Links, hashes and addresses.</param>
    /// <param name="files">Bytes of <c>.torrent</c> files; their results come after those of the sources.</param>
    /// <returns>One result each, or why none.</returns>
    public async Task<(IReadOnlyList<AddResultView> Results, string? Problem)> AddAsync(
        ClaimsPrincipal user,
        string route,
        IReadOnlyList<string> sources,
        IReadOnlyList<ReadOnlyMemory<byte>> files
    )
    {
        var answer = await AddResource.AddByNameAsync(route, sources, files, user, _routes, _session, _lifetime.ApplicationStopping);
        var (value, problem) = Answer(answer.Result, static (Ok<AddResultsView> ok) => ok.Value!);
        return (value?.Items ?? [], problem);
    }

    private static (T? Value, string? Problem) Answer<TOk, T>(IResult result, Func<TOk, T> value)
        where TOk : IResult
        where T : class
    {
        return result switch
        {
            TOk ok => (value(ok), null),
            ProblemHttpResult refused => (null, refused.ProblemDetails.Detail ?? "That is not possible."),
            _ => throw new InvalidOperationException($"A handler answered {result.GetType().Name}."),
        };
    }
}
