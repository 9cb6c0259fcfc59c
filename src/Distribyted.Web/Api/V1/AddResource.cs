using System.Security.Claims;
using System.Text.Json;
using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Http.Authentication;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Distribyted.Web.Api.V1;

/// <summary>POST /api/v1/routes/{route}/torrents: adds torrents, several at once, and says what became of each. Adding one again changes nothing.
/// Does not wait for metadata.</summary>
internal static class AddResource
{
    private const int MostSources = 1000;
    private const int MostJson = 8 << 20;
    private const int FetchesAtOnce = 4;
    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(30);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/routes/{route}/torrents", AddAsync)
            .WithTags("Routes")
            .WithName("addTorrents")
            .WithSummary("Add torrents to a route, which is made when it is not there")
            .WithDescription(
                "As JSON: magnet links, bare info hashes, addresses of .torrent files. As `application/x-bittorrent`: one .torrent. As `multipart/form-data`: "
                    + "fields `torrent` with files and `magnet` with links, as many as you like. Each torrent has its own result, so one that is refused stops no other. "
                    + "Adding a torrent again is no mistake: its outcome is `known`."
            )
            .Accepts<AddView>("application/json", "application/x-bittorrent", "multipart/form-data")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<AddResultsView>, ProblemHttpResult>> AddAsync(
        string route,
        HttpContext context,
        RouteManager routes,
        TorrentSession session,
        HttpAccessOptions access,
        IHostApplicationLifetime lifetime
    )
    {
        var name = RouteAddress.NameOf(context);
        if (Mistake(name, context.User) is { } mistake)
        {
            return mistake;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = access.MaxUpload + MostJson;
        }

        var (items, problem) = await ReadAsync(context, access.MaxUpload);
        if (items is null)
        {
            return problem!;
        }

        // A client that gives up does not stop the adds: some of them are done already.
        return TypedResults.Ok(new AddResultsView(await AddAllAsync(items, name, routes, session, lifetime.ApplicationStopping)));
    }

    /// <summary>Adds what a page was given.</summary>
    /// <param name="name">The route, which is made when it is not there.</param>
    /// <param name="sources">Links, hashes and addresses.</param>
    /// <param name="files">Bytes of <c>.torrent</c> files; their results come after those of the sources.</param>
    internal static async Task<Results<Ok<AddResultsView>, ProblemHttpResult>> AddByNameAsync(
        string name,
        IReadOnlyList<string> sources,
        IReadOnlyList<ReadOnlyMemory<byte>> files,
        ClaimsPrincipal user,
        RouteManager routes,
        TorrentSession session,
        CancellationToken stopping
    )
    {
        if (Mistake(name, user) is { } mistake)
        {
            return mistake;
        }

        AddItem[] items = [.. sources.Select(AddItem.Of), .. files.Select(static file => new AddItem(null, file))];
        return items.Length is 0 or > MostSources
            ? Refusal.Bad($"There are {items.Length} torrents; give 1 to {MostSources}.")
            : TypedResults.Ok(new AddResultsView(await AddAllAsync(items, name, routes, session, stopping)));
    }

    private static ProblemHttpResult? Mistake(string name, ClaimsPrincipal user)
    {
        return !RouteRights.MayChange(user, name)
                ? Refusal.Of(StatusCodes.Status403Forbidden, $"This user may not use the route \"{name}\".")
            : RouteName.Mistake(name) is { } mistake ? Refusal.Bad($"\"{name}\" {mistake}")
            : null;
    }

    private static async Task<AddResultView[]> AddAllAsync(
        IReadOnlyList<AddItem> items,
        string name,
        RouteManager routes,
        TorrentSession session,
        CancellationToken stopping
    )
    {
        var results = new AddResultView[items.Count];
        var many = new ParallelOptions { MaxDegreeOfParallelism = FetchesAtOnce, CancellationToken = stopping };
        await Parallel.ForAsync(
            0,
            items.Count,
            many,
            async (index, token) => results[index] = await AddOneAsync(index, items[index], name, routes, session, token)
        );
        return results;
    }

    private static async Task<AddResultView> AddOneAsync(
        int index,
        AddItem item,
        string route,
        RouteManager routes,
        TorrentSession session,
        CancellationToken stopping
    )
    {
        var what = new Addition(item.Source, item.File, "api");
        if (item.Address is { } address)
        {
            var (file, trouble) = await session.FetchTorrentAsync(address, FetchTime, stopping);
            if (file is null)
            {
                return Refused(index, $"The .torrent at {address.IdnHost} cannot be fetched: {trouble}");
            }

            what = new Addition(null, file, "api");
        }

        var (result, torrent) = await routes.AddAsync(route, what, stopping);
        if (!result.Succeeded || torrent is null)
        {
            return Refused(index, result.Reason ?? $"The library answered {result.Outcome}.");
        }

        var outcome = result.Outcome == WriteOutcome.Created ? AddOutcomeView.Added : AddOutcomeView.Known;
        return new AddResultView(index, outcome, torrent.InfoHash.ToString(), torrent.Name, torrent.IsPending, null);
    }

    private static AddResultView Refused(int index, string problem)
    {
        return new AddResultView(index, AddOutcomeView.Refused, null, null, false, problem);
    }

    private static async Task<(IReadOnlyList<AddItem>? Items, ProblemHttpResult? Problem)> ReadAsync(HttpContext context, long maxUpload)
    {
        try
        {
            var type = context.Request.ContentType ?? "";
            var items =
                type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) ? await FromFormAsync(context, maxUpload)
                : type.StartsWith("application/x-bittorrent", StringComparison.OrdinalIgnoreCase) ? await FromFileAsync(context, maxUpload)
                : await FromJsonAsync(context);
            return items.Count is > 0 and <= MostSources
                ? (items, null)
                : (null, Refusal.Bad($"There are {items.Count} torrents in the request; send 1 to {MostSources}."));
        }
        catch (InvalidDataException exception)
        {
            return (null, Refusal.Bad("The body cannot be read: " + exception.Message));
        }
        catch (JsonException exception)
        {
            return (
                null,
                Refusal.Bad("The body is not the JSON that is expected, such as {\"sources\": [\"magnet:?...\"]}: " + exception.Message)
            );
        }
    }

    private static async Task<IReadOnlyList<AddItem>> FromFormAsync(HttpContext context, long maxUpload)
    {
        var form = await TorrentForm.ReadAsync(context.Request, maxUpload, MostJson, context.RequestAborted);
        return [.. form.Torrents.Select(static file => new AddItem(null, file)), .. form.Magnets.SelectMany(Lines).Select(AddItem.Of)];
    }

    private static async Task<IReadOnlyList<AddItem>> FromFileAsync(HttpContext context, long maxUpload)
    {
        var bytes = await Bytes.ReadAllAsync(context.Request.Body, maxUpload, context.RequestAborted);
        return bytes is null
            ? throw new BadHttpRequestException("The .torrent is too large.", StatusCodes.Status413PayloadTooLarge)
            : [new AddItem(null, bytes)];
    }

    private static async Task<IReadOnlyList<AddItem>> FromJsonAsync(HttpContext context)
    {
        var bytes = await Bytes.ReadAllAsync(context.Request.Body, MostJson, context.RequestAborted);
        if (bytes is null)
        {
            throw new BadHttpRequestException("The JSON is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        var body = JsonSerializer.Deserialize(bytes, ApiV1Json.Default.AddView);
        return [.. (body?.Sources ?? []).Select(AddItem.Of)];
    }

    private static string[] Lines(string text)
    {
        return text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <param name="Source">A link, hash or address; null: it is a file.</param>
    /// <param name="File">The bytes of a <c>.torrent</c>; empty: it is a source.</param>
    private sealed record AddItem(string? Source, ReadOnlyMemory<byte> File)
    {
        /// <summary>Where the <c>.torrent</c> lies; null: it is not an address.</summary>
        public Uri? Address =>
            Source is not null
            && (
                Source.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
                || Source.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            )
            && Uri.TryCreate(Source, UriKind.Absolute, out var uri)
                ? uri
                : null;

        public static AddItem Of(string? source)
        {
            return new AddItem((source ?? "").Trim(), ReadOnlyMemory<byte>.Empty);
        }
    }
}
