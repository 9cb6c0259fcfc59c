using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Http.Users;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.V1.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Distribyted.Web.Api.V1;

/// <summary>GET /api/v1/torrents: all torrents in pages.</summary>
internal static class TorrentList
{
    private const int MostItems = 1000;
    private const int UsualItems = 100;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/torrents", Methods.Read, Get)
            .WithName("listTorrents")
            .WithTags("Torrents")
            .WithSummary("All torrents in pages")
            .WithDescription(
                "Filters: `route`, `state`, and `q`, a part of the name or the beginning of the info hash. "
                    + $"`sort` is {TorrentOrder.Known}. `limit` is 1 to 1000, without it 100."
            )
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    internal static Results<Ok<TorrentPageView>, ProblemHttpResult> Get(
        TorrentIndex index,
        TorrentSession session,
        ClaimsPrincipal user,
        string? route,
        string? state,
        string? q,
        string? sort,
        int? limit,
        int? offset
    )
    {
        TorrentStateView? wanted = null;
        if (state is not null)
        {
            if (ParseState(state) is not { } parsed)
            {
                return Refusal.Bad($"state: \"{state}\" is not one of pending, idle and active.");
            }

            wanted = parsed;
        }

        if (!TorrentOrder.TryParse(sort, out var order))
        {
            return Refusal.Bad($"sort: \"{sort}\" is not one of {TorrentOrder.Known}.");
        }

        if (limit is < 1 or > MostItems)
        {
            return Refusal.Bad($"limit: {limit} is not between 1 and {MostItems}.");
        }

        if (offset is < 0)
        {
            return Refusal.Bad($"offset: {offset} is less than 0.");
        }

        var filter = new Filter(user, route, wanted, q, session);
        var (first, most) = (offset ?? 0, limit ?? UsualItems);
        var items = new List<TorrentItemView>(Math.Min(most, UsualItems));
        var sorted = index.Sorted(order);
        if (filter.TakesAll)
        {
            items.AddRange(
                sorted.Skip(first).Take(most).Select(torrent => TorrentItems.View(torrent, session.Find(torrent.InfoHash), user))
            );
            return TypedResults.Ok(Page(items, sorted.Length, first));
        }

        var total = 0;
        foreach (var torrent in sorted)
        {
            if (!filter.Takes(torrent))
            {
                continue;
            }

            if (total >= first && items.Count < most)
            {
                items.Add(TorrentItems.View(torrent, session.Find(torrent.InfoHash), user));
            }

            total++;
        }

        return TypedResults.Ok(Page(items, total, first));
    }

    private static TorrentPageView Page(List<TorrentItemView> items, int total, int first)
    {
        var next = first + items.Count;
        return new TorrentPageView(items, total, first, items.Count > 0 && next < total ? next : null);
    }

    private static TorrentStateView? ParseState(string text)
    {
        return text switch
        {
            "pending" => TorrentStateView.Pending,
            "idle" => TorrentStateView.Idle,
            "active" => TorrentStateView.Active,
            _ => null,
        };
    }

    /// <summary>What a request wants to see of the library.</summary>
    private sealed class Filter(ClaimsPrincipal user, string? route, TorrentStateView? state, string? text, TorrentSession session)
    {
        private readonly Dictionary<string, bool> _sees = new(StringComparer.Ordinal);

        /// <summary>Whether every torrent fits, so that none has to be looked at.</summary>
        public bool TakesAll => route is null && state is null && string.IsNullOrEmpty(text) && !UserClaims.IsRestricted(user);

        public bool Takes(LibraryTorrent torrent)
        {
            return (route is null || string.Equals(route, torrent.Route, StringComparison.Ordinal))
                && (string.IsNullOrEmpty(text) || Has(torrent, text))
                && Sees(torrent.Route)
                && (state is null || TorrentItems.StateOf(torrent, session.Find(torrent.InfoHash)) == state);
        }

        private static bool Has(LibraryTorrent torrent, string text)
        {
            return torrent.Name.Contains(text, StringComparison.OrdinalIgnoreCase)
                || (
                    text.Length is > 3 and <= InfoHash.Length * 2
                    && torrent.InfoHash.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase)
                );
        }

        private bool Sees(string name)
        {
            if (!_sees.TryGetValue(name, out var sees))
            {
                _sees[name] = sees = RouteRights.Sees(user, name);
            }

            return sees;
        }
    }
}
