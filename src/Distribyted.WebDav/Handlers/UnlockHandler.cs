using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>UNLOCK (RFC 4918 section 9.11).</summary>
internal sealed class UnlockHandler(WritePipeline pipeline, LockTable locks) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        request.RequireWritable();
        var token = ReadToken(request.Headers["Lock-Token"].ToString().Trim());
        using (await pipeline.EnterAsync(cancellationToken))
        {
            var entry = await request.FindAsync(cancellationToken);
            await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
            var held = locks.Find(token);
            if (held is null || !held.Covers(request.Path))
            {
                throw new WebDavException(StatusCodes.Status409Conflict, "No such lock is on it.", "lock-token-matches-request-uri");
            }

            if (held.User != request.User)
            {
                throw new WebDavException(StatusCodes.Status403Forbidden, "Another user made this lock.");
            }

            locks.Remove(token);
            WritePipeline.Answer(request, StatusCodes.Status204NoContent);
        }
    }

    // Windows sometimes forgets the angle brackets.
    private static string ReadToken(string text)
    {
        var token = text is ['<', .., '>'] ? text[1..^1] : text;
        return token.Length > 0 && !token.AsSpan().ContainsAny("<>")
            ? token
            : throw WebDavException.BadRequest("Lock-Token has the token of a lock.");
    }
}
