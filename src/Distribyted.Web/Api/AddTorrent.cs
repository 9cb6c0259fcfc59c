using System.Text.Json;
using Distribyted.BitTorrent;
using Distribyted.Http.Authentication;
using Distribyted.Http.Clients;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.Contracts;
using Distribyted.Web.Bodies;
using Distribyted.Web.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Api;

/// <summary>POST /api/routes/{route}/torrent: a magnet or bare hash as JSON, or a <c>.torrent</c> as body or form field.</summary>
internal sealed class AddTorrent(
    RouteManager routes,
    TorrentSession session,
    PendingAdds adds,
    WebOptions options,
    HttpAccessOptions access,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<AddTorrent> logger
)
{
    private const int MaxJson = 1 << 20; // magnets of 1 MiB have been seen; more is not one

    public async Task PostAsync(HttpContext context)
    {
        var route = RouteAddress.NameOf(context);
        if (!RouteRights.MayChange(context.User, route))
        {
            await Problems.SendAsync(context, RouteRights.MayNotChange);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = access.MaxUpload + MaxJson; // the form around the file takes a little
        }

        var (what, problem) = await ReadAsync(context);
        if (what is null)
        {
            await Problems.SendAsync(context, problem!);
            return;
        }

        // A client that gives up does not stop the add: it may have been told "pending" by a proxy in between.
        var stopping = lifetime.ApplicationStopping;
        try
        {
            await AddAsync(context, route, what, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            context.Response.Headers.RetryAfter = "10";
            await Problems.SendAsync(context, Ending);
        }
    }

    private async Task AddAsync(HttpContext context, string route, Addition what, CancellationToken stopping)
    {
        var (result, torrent) = await adds.AddAsync(route, what, stopping);
        if (!result.Succeeded || torrent is null)
        {
            await Problems.SendAsync(context, Problems.From(result));
            return;
        }

        if (!torrent.IsPending || await MetadataAsync(torrent, ClientText.Of(context), stopping))
        {
            await Answer.NullAsync(context);
            return;
        }

        if (options.ContinueWhenAddTimeout)
        {
            var view = new PendingView(torrent.InfoHash.ToString(), "pending");
            await Answer.JsonAsync(context, view, ApiJson.Default.PendingView, StatusCodes.Status202Accepted);
            return;
        }

        stopping.ThrowIfCancellationRequested();
        logger.MetadataTimedOut(route, torrent.InfoHash.ToString(), options.AddTimeout);
        await Problems.SendAsync(context, new Problem(StatusCodes.Status400BadRequest, "timeout getting torrent info"));
    }

    // False: not within add_timeout, not before the program ends, or it was removed meanwhile.
    private async Task<bool> MetadataAsync(LibraryTorrent torrent, string client, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(options.AddTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token);
        using var shown = session.Find(torrent.InfoHash)?.ShowMetadataWait(torrent.Name, client);
        var isHere = false;
        try
        {
            return isHere = await routes.MetadataAsync(torrent.Route, torrent.InfoHash, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await adds.LeaveAsync(torrent, isKept: isHere || options.ContinueWhenAddTimeout);
        }
    }

    private async Task<(Addition? What, Problem? Problem)> ReadAsync(HttpContext context)
    {
        try
        {
            var type = context.Request.ContentType ?? "";
            if (type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            {
                return await FromFormAsync(context);
            }

            return type.StartsWith("application/x-bittorrent", StringComparison.OrdinalIgnoreCase)
                ? await FromStreamAsync(context.Request.Body, context.RequestAborted)
                : await FromJsonAsync(context);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, TooLarge);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return (null, Bad("The body cannot be read: " + exception.Message));
        }
    }

    private async Task<(Addition? What, Problem? Problem)> FromFormAsync(HttpContext context)
    {
        var form = await TorrentForm.ReadAsync(context.Request, access.MaxUpload, MaxJson, context.RequestAborted);
        return form.Torrent is { } torrent ? FromBytes(torrent) : FromMagnet(form.Magnet);
    }

    private async Task<(Addition? What, Problem? Problem)> FromStreamAsync(Stream content, CancellationToken cancellationToken)
    {
        var bytes = await Bytes.ReadAllAsync(content, access.MaxUpload, cancellationToken);
        return bytes is null ? (null, TooLarge) : FromBytes(bytes);
    }

    private static (Addition? What, Problem? Problem) FromBytes(byte[] torrent)
    {
        return torrent.Length == 0 ? (null, Bad("The .torrent is empty.")) : (new Addition(null, torrent, "api"), null);
    }

    /// <summary>Reads the body of an add as a client sends it, for the warm-up: nothing is added.</summary>
    internal static Task ReadOneAsync(CancellationToken cancellationToken)
    {
        var body =
            """{"magnet":"magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=A%20film&tr=http%3A%2F%2F127.0.0.1%2Fannounce"}"""u8;
        return FromJsonAsync(
            new DefaultHttpContext { Request = { Body = new MemoryStream(body.ToArray()) }, RequestAborted = cancellationToken }
        );
    }

    private static async Task<(Addition? What, Problem? Problem)> FromJsonAsync(HttpContext context)
    {
        var bytes = await Bytes.ReadAllAsync(context.Request.Body, MaxJson, context.RequestAborted);
        if (bytes is null)
        {
            return (null, new Problem(StatusCodes.Status413PayloadTooLarge, "A magnet has at most 1 MiB."));
        }

        AddTorrentRequest? request;
        try
        {
            request = AddTorrentRequest.Read(bytes);
        }
        catch (JsonException)
        {
            return (null, Bad("The body is not JSON. Send {\"magnet\": \"magnet:?...\"}, or a .torrent as application/x-bittorrent."));
        }

        return string.IsNullOrEmpty(request?.Url) || !string.IsNullOrEmpty(request.Magnet)
            ? FromMagnet(request?.Magnet)
            : (null, Bad("url is not in this version yet. Send the .torrent itself as application/x-bittorrent."));
    }

    private static (Addition? What, Problem? Problem) FromMagnet(string? magnet)
    {
        return string.IsNullOrWhiteSpace(magnet)
            ? (null, Bad("The field magnet is missing. Send {\"magnet\": \"magnet:?...\"}."))
            : (new Addition(magnet.Trim(), ReadOnlyMemory<byte>.Empty, "api"), null);
    }

    private static Problem Ending { get; } = new(StatusCodes.Status503ServiceUnavailable, "The program is ending; nothing was added.");

    private Problem TooLarge => new(StatusCodes.Status413PayloadTooLarge, $"A .torrent may have at most {access.MaxUpload >> 20} MiB.");

    private static Problem Bad(string detail)
    {
        return new Problem(StatusCodes.Status400BadRequest, detail);
    }
}
