using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Distribyted.Web.Api.V1;

/// <summary>The torrent that an address names, for users who see a route that has it. For others it is not there.</summary>
/// <param name="Torrent">In the engine.</param>
/// <param name="Rows">In the routes that the user sees; at least one.</param>
internal sealed record TorrentAddress(Torrent Torrent, IReadOnlyList<LibraryTorrent> Rows)
{
    /// <summary>Finds it; false: the refusal says why not.</summary>
    public static bool TryFind(
        string hash,
        RouteManager routes,
        TorrentSession session,
        ClaimsPrincipal user,
        [NotNullWhen(true)] out TorrentAddress? found,
        [NotNullWhen(false)] out ProblemHttpResult? refusal
    )
    {
        found = null;
        refusal = null;
        if (!InfoHash.TryParse(hash, out var parsed))
        {
            refusal = NotAHash(hash);
            return false;
        }

        LibraryTorrent[] rows = [.. routes.Find(parsed).Where(row => RouteRights.Sees(user, row.Route))];
        if (rows.Length == 0 || session.Find(parsed) is not { } torrent)
        {
            refusal = Refusal.NotFound($"There is no torrent {parsed} here; GET /api/v1/torrents lists them.");
            return false;
        }

        found = new TorrentAddress(torrent, rows);
        return true;
    }

    public static ProblemHttpResult NotAHash(string text)
    {
        return Refusal.Bad($"\"{text}\" is not an info hash. Use 40 hexadecimal digits.");
    }
}
