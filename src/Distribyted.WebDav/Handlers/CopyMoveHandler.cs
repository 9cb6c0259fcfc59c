using Distribyted.FileSystem;
using Distribyted.Http.Paths;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Headers;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>COPY and MOVE (RFC 4918 sections 9.8, 9.9).</summary>
internal sealed class CopyMoveHandler(WritePipeline pipeline, LockTable locks) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        var move = request.Method == "MOVE";
        var target = DestinationHeader.Read(request.Context.Request);
        var overwrite = DestinationHeader.ReadOverwrite(request.Headers);
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

            RequireDepth(entry, depth, move);
            var found = await files.FindAsync(target.Path, cancellationToken);
            var to = Resolve(target.Path, found, request.Path);
            RequireApart(request.Path, to, move || depth != Depth.Zero);
            WritePipeline.RequireName(to);
            var replaces = found is not null && !IsSource(target.Path, found, request.Path);
            if (replaces && !overwrite)
            {
                throw new WebDavException(StatusCodes.Status412PreconditionFailed, "Something is at the destination, and Overwrite is F.");
            }

            var blocking = RequireUnlocked(request, to, replaces, move);
            if (blocking.Count > 0)
            {
                locked = StatusList.Locked(blocking, Href.Of(request.Path, entry.IsDirectory));
            }
            else
            {
                var result = move
                    ? await files.MoveAsync(request.Path, to, overwrite, cancellationToken)
                    : await files.CopyAsync(request.Path, to, overwrite, depth != Depth.Zero, cancellationToken);
                Complete(request, result, to, move, replaces);
            }
        }

        if (locked is not null)
        {
            await XmlAnswer.SendAsync(request.Context, StatusCodes.Status207MultiStatus, locked);
        }
    }

    private void Complete(WebDavRequest request, WriteResult result, VirtualPath to, bool move, bool replaces)
    {
        if (result.Outcome == WriteOutcome.Exists)
        {
            throw new WebDavException(StatusCodes.Status412PreconditionFailed, WriteStatus.ReasonOf(result));
        }

        pipeline.Complete(request, result);
        if (move)
        {
            locks.RemoveTree(request.Path, itself: true); // locks do not move (section 7.5)
        }

        locks.RemoveTree(to, itself: false);
        WritePipeline.Answer(
            request,
            replaces || result.Outcome == WriteOutcome.Replaced ? StatusCodes.Status204NoContent : StatusCodes.Status201Created
        );
    }

    private static void RequireDepth(FileEntry entry, Depth depth, bool move)
    {
        if (entry.IsDirectory && depth != Depth.Infinity && (move || depth == Depth.One))
        {
            throw WebDavException.BadRequest(
                move ? "A folder is moved with all that is in it: Depth is infinity." : "A folder is copied with Depth 0 or infinity."
            );
        }
    }

    // A destination that is found under another spelling (NFC, NFD) is that thing; unless it is the source itself, whose spelling is then to be changed.
    private static VirtualPath Resolve(VirtualPath asked, FileEntry? found, VirtualPath source)
    {
        if (found is null || asked.IsRoot || found.Name == asked.Name || !VirtualPath.IsSegment(found.Name))
        {
            return asked;
        }

        return IsSource(asked, found, source) ? asked : asked.Parent.Append(found.Name);
    }

    private static bool IsSource(VirtualPath asked, FileEntry found, VirtualPath source)
    {
        return asked != source && !asked.IsRoot && VirtualPath.IsSegment(found.Name) && asked.Parent.Append(found.Name) == source;
    }

    private static void RequireApart(VirtualPath from, VirtualPath to, bool members)
    {
        if (from == to)
        {
            throw new WebDavException(StatusCodes.Status403Forbidden, "Source and destination are the same.");
        }

        if (members && to.StartsWith(from))
        {
            throw new WebDavException(StatusCodes.Status403Forbidden, "The destination lies inside of the source.");
        }

        if (from.StartsWith(to))
        {
            throw new WebDavException(
                StatusCodes.Status403Forbidden,
                "The source lies inside of the destination, which would be replaced."
            );
        }
    }

    private List<DavLock> RequireUnlocked(WebDavRequest request, VirtualPath to, bool replaces, bool move)
    {
        var blocking = new List<DavLock>();
        if (move)
        {
            pipeline.Conditions.RequireUnlocked(request, request.Path);
            pipeline.Conditions.RequireUnlockedFolder(request, request.Path);
            blocking.AddRange(pipeline.Conditions.Blocking(request, request.Path));
        }

        pipeline.Conditions.RequireUnlocked(request, to);
        if (replaces)
        {
            blocking.AddRange(pipeline.Conditions.Blocking(request, to));
        }
        else
        {
            pipeline.Conditions.RequireUnlockedFolder(request, to);
        }

        return blocking;
    }
}
