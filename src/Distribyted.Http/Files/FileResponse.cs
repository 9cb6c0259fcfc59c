using Distribyted.FileSystem;
using Distribyted.Http.Clients;
using Distribyted.Http.Listeners;
using Distribyted.Http.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Net.Http.Headers;

namespace Distribyted.Http.Files;

/// <summary>GET and HEAD of a file, for every listener.</summary>
/// <remarks>Conditions first, then ranges, then the file is opened: HEAD, 304 and 416 never wake a torrent. The head of the answer leaves at once,
/// before the first byte is here (Kodi and davfs2 give up on silence). What was promised in Content-Length is sent, or the connection is cut:
/// never padded, never ended as if whole.</remarks>
public static class FileResponse
{
    // A file that changes between look-up and opening is looked at again; only a store under heavy writing gets this far.
    private const int MaxAttempts = 4;

    /// <summary>Answers a GET or HEAD.</summary>
    /// <param name="context">The request; nothing of its answer has been sent.</param>
    /// <param name="files">The tree.</param>
    /// <param name="path">The path.</param>
    /// <param name="found">What <see cref="IFileSystem.LocateAsync"/> found at the path; a file.</param>
    /// <param name="contentType">Null: by extension.</param>
    public static async Task SendAsync(
        HttpContext context,
        IFileSystem files,
        VirtualPath path,
        FoundEntry found,
        string? contentType = null
    )
    {
        var entry = found.Entry;
        contentType ??= ContentTypes.Of(entry.Name);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var plan = Plan(context, entry, contentType);
            if (plan is not { } body)
            {
                return;
            }

            var reader = await OpenAsync(context, attempt == 0 ? found : null, files, path, body);
            if (reader is null)
            {
                return;
            }

            await using (reader)
            {
                if (reader.Entry.Length == entry.Length && string.Equals(reader.Entry.ETag, entry.ETag, StringComparison.Ordinal))
                {
                    await SendBodyAsync(context, reader, path, body);
                    return;
                }

                entry = reader.Entry;
                context.Response.Headers.Clear();
            }
        }

        await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable);
    }

    // Status and headers. Null: the answer has no body and is complete.
    private static FileBody? Plan(HttpContext context, FileEntry entry, string contentType)
    {
        var response = context.Response;
        var now = Time(context).GetUtcNow();
        var headers = response.Headers;
        var modified = entry.Modified <= now ? entry.Modified : now; // RFC 9110 section 8.8.2.1: never in the future
        if (entry.ETag.Length > 0)
        {
            headers.ETag = EntityTags.Quote(entry.ETag);
        }

        headers.LastModified = HeaderUtilities.FormatDate(Preconditions.Seconds(modified));
        switch (Preconditions.Evaluate(context.Request, entry))
        {
            case PreconditionOutcome.Failed:
                response.StatusCode = StatusCodes.Status412PreconditionFailed;
                response.ContentLength = 0;
                return null;
            case PreconditionOutcome.NotModified:
                response.StatusCode = StatusCodes.Status304NotModified;
                return null;
        }

        headers.AcceptRanges = "bytes";
        headers.XContentTypeOptions = "nosniff";
        if (IsActive(contentType))
        {
            headers.ContentSecurityPolicy = "sandbox"; // a page from a torrent must not act with the reader's sign-in
        }

        var body = new FileBody(entry, contentType);
        var isGet = HttpMethods.IsGet(context.Request.Method); // RFC 9110 section 14.2: Range means nothing on HEAD
        if (isGet && context.Request.Headers.Range.Count == 1 && Preconditions.RangeHolds(context.Request, entry, now))
        {
            switch (ByteRanges.Read(context.Request.Headers.Range[0], entry.Length, out var first, out var all, out var open))
            {
                case RangeVerdict.Unsatisfiable:
                    response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                    headers.ContentRange = $"bytes */{entry.Length}"; // VLC reads the size here
                    response.ContentLength = 0;
                    return null;
                case RangeVerdict.Partial:
                    body.Limit(first, all, open);
                    break;
            }
        }

        response.StatusCode = body.IsPartial ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
        response.ContentType = body.Multipart?.ContentType ?? contentType;
        response.ContentLength = body.Length;
        if (body.IsPartial && body.Multipart is null)
        {
            headers.ContentRange = $"bytes {body.First.Offset}-{body.First.Last}/{entry.Length}";
        }

        return isGet && entry.Length > 0 ? body : null;
    }

    private static async ValueTask<FileReader?> OpenAsync(
        HttpContext context,
        FoundEntry? found,
        IFileSystem files,
        VirtualPath path,
        FileBody body
    )
    {
        try
        {
            var intent = new ReadIntent(body.First.Offset, body.IsOpenEnded ? null : body.First.Length, ClientText.Of(context));
            var reader = found is not null
                ? await found.OpenAsync(intent, context.RequestAborted)
                : await files.OpenAsync(path, intent, context.RequestAborted);
            if (reader is null)
            {
                await RefuseAsync(context, StatusCodes.Status404NotFound);
            }

            return reader;
        }
        catch (FileSystemException e)
        {
            Log(context).FileNotOpened(path, e.Failure, e.Message);
            await RefuseAsync(context, FailureStatus.Of(e.Failure));
            return null;
        }
    }

    private static async Task SendBodyAsync(HttpContext context, FileReader reader, VirtualPath path, FileBody body)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // Kestrel cuts who reads less than 240 B/s: a paused player
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var metrics = context.RequestServices.GetService<HttpAccessMetrics>();
        using var sender = new FileSender(context, reader, Time(context), metrics);
        metrics?.FileStarted();
        var end = FileEnd.Aborted;
        try
        {
            await sender.SendAsync(body);
            end = FileEnd.Complete;
        }
        catch (FileSystemException e)
        {
            end = FileEnd.Failed;
            Log(context).FileCut(path, sender.Sent, body.Length, e.Failure, e.Message);
            context.Abort();
        }
        catch (OperationCanceledException e)
            when (e is ConnectionAbortedException || sender.IsIdle || context.RequestAborted.IsCancellationRequested)
        {
            // The client went away, or read nothing for an hour. Neither is an error.
            if (sender.IsIdle)
            {
                Log(context).ClientIdle(path, sender.Sent, body.Length);
            }

            context.Abort();
        }
        finally
        {
            metrics?.FileEnded(context.Listener(), end);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = status;
        response.ContentLength = 0;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "10";
        }

        return Task.CompletedTask;
    }

    // Not PDF: browsers show it in a viewer that has no access to the origin, and not all of them open that viewer under "sandbox" (Chromium 156 does).
    private static bool IsActive(string contentType)
    {
        return contentType.Contains("html", StringComparison.OrdinalIgnoreCase)
            || contentType.Contains("xml", StringComparison.OrdinalIgnoreCase)
            || contentType.Contains("svg", StringComparison.OrdinalIgnoreCase);
    }

    private static TimeProvider Time(HttpContext context)
    {
        return context.RequestServices?.GetService<TimeProvider>() ?? TimeProvider.System;
    }

    private static ILogger Log(HttpContext context)
    {
        return context.RequestServices?.GetService<ILoggerFactory>()?.CreateLogger("Distribyted.Http") ?? NullLogger.Instance;
    }
}
