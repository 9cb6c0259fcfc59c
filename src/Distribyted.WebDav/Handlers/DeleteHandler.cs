using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Headers;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>DELETE (RFC 4918 section 9.6): everything below goes too, or nothing goes.</summary>
internal sealed class DeleteHandler(WritePipeline pipeline, LockTable locks) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        var depth = DepthHeader.Read(request.Headers) ?? Depth.Infinity;
        var locked = default(string);
        using (await pipeline.EnterAsync(cancellationToken))
        {
            var entry = await request.FindAsync(cancellationToken);
            await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
            if (entry is null)
            {
                throw WebDavException.NotFound(request.Path);
            }

            if (entry.IsDirectory && depth != Depth.Infinity)
            {
                throw WebDavException.BadRequest("A folder is deleted with all that is in it: Depth is infinity.");
            }

            pipeline.Conditions.RequireUnlocked(request, request.Path);
            pipeline.Conditions.RequireUnlockedFolder(request, request.Path);
            var blocking = pipeline.Conditions.Blocking(request, request.Path);
            if (blocking.Count > 0)
            {
                locked = StatusList.Locked(blocking, requested: null);
            }
            else
            {
                var result = await files.DeleteAsync(request.Path, cancellationToken);
                pipeline.Complete(request, result);
                locks.RemoveTree(request.Path, itself: true);
                WritePipeline.Answer(request, StatusCodes.Status204NoContent);
            }
        }

        if (locked is not null)
        {
            await XmlAnswer.SendAsync(request.Context, StatusCodes.Status207MultiStatus, locked);
        }
    }
}
