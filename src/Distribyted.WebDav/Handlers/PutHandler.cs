using Distribyted.FileSystem;
using Distribyted.Http.Authentication;
using Distribyted.Http.Files;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>PUT (RFC 4918 section 9.7). What it means is the tree's affair; here it is checked twice: before the body, so that no client sends 30 MB for nothing, and in the gate.</summary>
internal sealed class PutHandler(WritePipeline pipeline, WebDavOptions options, HttpAccessOptions access, IDiskBudget? budget = null)
    : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        RequireWholeAndPlain(request.Headers);
        await CheckAsync(request, cancellationToken);
        WritePipeline.RequireName(request.Path);
        var length = LengthOf(request.Context.Request);
        var may = await files.MayPutAsync(request.Path, length, cancellationToken);
        if (!may.Succeeded)
        {
            throw WritePipeline.Refusal(request, may);
        }

        // The first read sends 100 Continue to a client that waits for it.
        var body = request.Context.Request.BodyReader;
        await using var content = await Spool.ReadAsync(
            body,
            request.Context.Request.ContentLength,
            access.MaxUpload,
            options.SpoolFolder,
            budget,
            cancellationToken
        );
        using (await pipeline.EnterAsync(cancellationToken))
        {
            await CheckAsync(request, cancellationToken);
            var result = await files.PutAsync(request.Path, content, cancellationToken);
            pipeline.Complete(request, result);
            WritePipeline.Answer(request, WriteStatus.Of(result.Outcome));
            var entry = await request.FindAsync(cancellationToken);
            if (entry is { IsDirectory: false, ETag.Length: > 0 })
            {
                request.Response.Headers.ETag = EntityTags.Quote(entry.ETag);
            }
        }
    }

    private async ValueTask CheckAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var entry = await request.FindAsync(cancellationToken);
        await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
        if (entry is { IsDirectory: true })
        {
            throw WritePipeline.Refusal(request, new WriteResult(WriteOutcome.IsADirectory));
        }

        pipeline.Conditions.RequireUnlocked(request, request.Path);
        if (entry is null)
        {
            pipeline.Conditions.RequireUnlockedFolder(request, request.Path);
        }
    }

    // Finder sends chunks, and says in a header of its own how much will come.
    private static long? LengthOf(HttpRequest request)
    {
        return request.ContentLength
            ?? (long.TryParse(request.Headers["X-Expected-Entity-Length"].ToString(), out var expected) && expected >= 0 ? expected : null);
    }

    private static void RequireWholeAndPlain(IHeaderDictionary headers)
    {
        if (headers.ContentRange.Count > 0)
        {
            throw WebDavException.BadRequest("A file is written whole: Content-Range has no meaning in a PUT (RFC 9110 section 14.5).");
        }

        if (headers.ContentEncoding.Any(encoding => !string.Equals(encoding?.Trim(), "identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new WebDavException(
                StatusCodes.Status415UnsupportedMediaType,
                "A file is taken as it is: send it without Content-Encoding."
            );
        }
    }
}
