using System.Text;
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

/// <summary>LOCK (RFC 4918 section 9.10): a new lock, one on something that is not there yet (section 7.3), or a refresh.</summary>
internal sealed class LockHandler(WritePipeline pipeline, LockTable locks, WebDavOptions options) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        var depth = DepthHeader.Read(request.Headers) ?? Depth.Infinity;
        if (depth == Depth.One)
        {
            throw WebDavException.BadRequest("A lock has Depth 0 or infinity.");
        }

        var timeout = TimeoutHeader.Read(request.Headers["Timeout"].ToString(), options.MaxLockTime);
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        var info = DavXmlReader.IsBlank(body) ? null : LockInfo.Parse(body);
        (int Status, string Text) answer;
        using (await pipeline.EnterAsync(cancellationToken))
        {
            answer = info is null
                ? await RefreshAsync(request, timeout, cancellationToken)
                : await CreateAsync(request, files, info, depth == Depth.Infinity, timeout, cancellationToken);
        }

        await XmlAnswer.SendAsync(request.Context, answer.Status, answer.Text);
    }

    private async Task<(int Status, string Text)> RefreshAsync(WebDavRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (request.If is null)
        {
            throw WebDavException.BadRequest("A lock is made with a lockinfo body, or refreshed with its token in If.");
        }

        var entry = await request.FindAsync(cancellationToken);
        await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
        var held = locks.Covering(request.Path).FirstOrDefault(held => WriteConditions.IsSubmitted(request, held));
        var fresh = held is null ? null : locks.Refresh(held.Token, timeout);
        if (fresh is null)
        {
            throw new WebDavException(StatusCodes.Status412PreconditionFailed, "No such lock is on it.", "lock-token-matches-request-uri");
        }

        return (StatusCodes.Status200OK, Format(request, fresh));
    }

    private async Task<(int Status, string Text)> CreateAsync(
        WebDavRequest request,
        IWritableFileSystem files,
        LockInfo info,
        bool infinite,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var entry = await request.FindAsync(cancellationToken);
        await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
        WriteConditions.RequireReach(request, request.Path);
        var below = FindConflicts(request, info, infinite && entry is { IsDirectory: true });
        if (below.Length > 0)
        {
            return (StatusCodes.Status207MultiStatus, StatusList.Locked(below, Href.Of(request.Path, isDirectory: true))); // section 9.10.9
        }

        if (entry is null)
        {
            WritePipeline.RequireName(request.Path);
            pipeline.Conditions.RequireUnlockedFolder(request, request.Path);
        }

        var held = new DavLock(
            "urn:uuid:" + Guid.NewGuid().ToString("D"),
            request.Path,
            Href.Of(request.Path, entry is { IsDirectory: true }),
            info.Exclusive,
            infinite,
            info.Owner,
            request.User,
            request.Context.Connection.RemoteIpAddress,
            locks.Now + timeout
        );
        if (!locks.TryAdd(held))
        {
            request.Response.Headers.RetryAfter = "60";
            throw new WebDavException(StatusCodes.Status503ServiceUnavailable, "There are too many locks.");
        }

        if (entry is null)
        {
            await MakeEmptyAsync(request, files, held, cancellationToken);
        }

        request.Response.Headers["Lock-Token"] = $"<{held.Token}>";
        return (entry is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, Format(request, held));
    }

    // A lock on a name that is free makes an empty file there; where none can be, there is no lock either.
    private async Task MakeEmptyAsync(WebDavRequest request, IWritableFileSystem files, DavLock held, CancellationToken cancellationToken)
    {
        var made = false;
        try
        {
            var result = await files.MayPutAsync(request.Path, 0, cancellationToken);
            if (result.Succeeded)
            {
                using var nothing = new MemoryStream();
                result = await files.PutAsync(request.Path, nothing, cancellationToken);
            }

            pipeline.Complete(request, result);
            made = true;
        }
        finally
        {
            if (!made)
            {
                locks.Remove(held.Token);
            }
        }
    }

    // Those below are returned: they have an answer of their own.
    private DavLock[] FindConflicts(WebDavRequest request, LockInfo info, bool infinite)
    {
        var here = locks.Covering(request.Path).Where(held => held.Exclusive || info.Exclusive).ToArray();
        if (here.Length > 0)
        {
            throw new WebDavException(StatusCodes.Status423Locked, "Another lock is on it.", "no-conflicting-lock")
            {
                Hrefs = [.. here.Select(held => held.RootHref)],
            };
        }

        return infinite ? [.. locks.Below(request.Path).Where(held => held.Exclusive || info.Exclusive)] : [];
    }

    private string Format(WebDavRequest request, DavLock held)
    {
        // The lock that was asked for stands first: Finder takes the first token it finds.
        var all = new List<DavLock> { held };
        all.AddRange(locks.Covering(request.Path).Where(other => other.Token != held.Token));
        var active = Encoding.UTF8.GetString(ActiveLocks.Format(all, locks.Now));
        return $"{XmlText.Declaration}<D:prop xmlns:D=\"DAV:\"><D:lockdiscovery>{active}</D:lockdiscovery></D:prop>\n";
    }
}
