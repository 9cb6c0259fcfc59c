using Distribyted.WebDav.Headers;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>DELETE (RFC 4918 section 9.6): everything below goes too, or nothing goes.</summary>
internal sealed class DeleteHandler(Writer writer, LockTable locks) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        var depth = DepthHeader.Read(request.Headers) ?? Depth.Infinity;
        var locked = default(string);
        using (await writer.EnterAsync(cancellationToken))
        {
            var entry = await request.FindAsync(cancellationToken);
            await writer.Conditions.CheckAsync(request, entry, cancellationToken);
            if (entry is null)
            {
                throw WebDavException.NotFound(request.Path);
            }

            if (entry.IsDirectory && depth != Depth.Infinity)
            {
                throw WebDavException.BadRequest("A folder is deleted with all that is in it: Depth is infinity.");
            }

            writer.Conditions.RequireUnlocked(request, request.Path);
            writer.Conditions.RequireUnlockedFolder(request, request.Path);
            var blocking = writer.Conditions.Blocking(request, request.Path);
            if (blocking.Count > 0)
            {
                locked = StatusList.Locked(blocking, requested: null);
            }
            else
            {
                var result = await files.DeleteAsync(request.Path, cancellationToken);
                writer.Settle(request, result);
                locks.RemoveTree(request.Path, itself: true);
                Writer.Answer(request, StatusCodes.Status204NoContent);
            }
        }

        if (locked is not null)
        {
            await StatusList.SendAsync(request.Context, StatusCodes.Status207MultiStatus, locked);
        }
    }
}
