using Distribyted.FileSystem;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Headers;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Writing;

/// <summary>Checks conditions (If, If-Match and their like) and locks. For a write, inside the write gate, so that what was checked stays true until the write.</summary>
internal sealed class WriteConditions(LockTable locks)
{
    /// <summary>All conditions of a request, before anything else is done.</summary>
    /// <param name="request">The request.</param>
    /// <param name="entry">What is at its path; null: nothing.</param>
    /// <param name="cancellationToken">Ends the look-ups of tagged resources.</param>
    /// <exception cref="WebDavException">412.</exception>
    public async ValueTask CheckAsync(WebDavRequest request, FileEntry? entry, CancellationToken cancellationToken)
    {
        if (Preconditions.Evaluate(request.Context.Request, entry) != PreconditionOutcome.Proceed)
        {
            throw Failed();
        }

        await CheckIfAsync(request, entry, cancellationToken);
    }

    /// <summary>The header If alone (RFC 4918 section 10.4): one of its lists must hold.</summary>
    /// <exception cref="WebDavException">412.</exception>
    public async ValueTask CheckIfAsync(WebDavRequest request, FileEntry? entry, CancellationToken cancellationToken)
    {
        if (request.If is null)
        {
            return;
        }

        foreach (var list in request.If.Lists)
        {
            var path = request.Path;
            var found = entry;
            var here = true;
            if (list.Resource is { } uri)
            {
                here = RequestPath.TryParseUri(uri, request.Context.Request, "", out var target) == UriOutcome.Here;
                path = target.Path;
                found = here ? await request.Files.FindAsync(path, cancellationToken) : null;
            }

            if (list.Conditions.All(condition => Holds(condition, here, path, found) != condition.Not))
            {
                return;
            }
        }

        throw Failed();
    }

    /// <summary>Whether a token of the request opens a lock: it was submitted, and by the user who made it.</summary>
    public static bool IsSubmitted(WebDavRequest request, DavLock held)
    {
        return held.User == request.User && request.If is not null && request.If.Tokens.Contains(held.Token, StringComparer.Ordinal);
    }

    /// <summary>Requires that a path lies where this user may change something.</summary>
    /// <exception cref="WebDavException">403.</exception>
    public static void RequireReach(WebDavRequest request, VirtualPath path)
    {
        if (!request.MayChange(path))
        {
            throw new WebDavException(StatusCodes.Status403Forbidden, request.WhyReadOnly);
        }
    }

    /// <summary>Requires that a path that will be changed is within reach, and that no other user has locked it.</summary>
    /// <exception cref="WebDavException">403; 423 with the locks that are in the way.</exception>
    public void RequireUnlocked(WebDavRequest request, VirtualPath path)
    {
        RequireReach(request, path);
        Require(request, locks.Covering(path));
    }

    /// <summary>Requires that members may be added to, or removed from, the folder of a path: a lock on a folder guards its members, even one of Depth 0 (RFC 4918 section 7.4).</summary>
    /// <exception cref="WebDavException">423.</exception>
    public void RequireUnlockedFolder(WebDavRequest request, VirtualPath path)
    {
        Require(request, locks.Covering(path.Parent));
    }

    /// <summary>The locks below a path that stop a write to the whole tree of it.</summary>
    public IReadOnlyList<DavLock> Blocking(WebDavRequest request, VirtualPath path)
    {
        return [.. BlockedOnce(locks.Below(path), request)];
    }

    /// <summary>That a condition does not hold.</summary>
    public static WebDavException Failed()
    {
        return new WebDavException(StatusCodes.Status412PreconditionFailed, "A condition of the request does not hold.");
    }

    // Of several shared locks on one resource one token is enough (RFC 4918 section 6.2).
    private static IEnumerable<DavLock> BlockedOnce(IReadOnlyList<DavLock> held, WebDavRequest request)
    {
        return held.GroupBy(one => one.Root).Where(group => !group.Any(one => IsSubmitted(request, one))).Select(group => group.First());
    }

    private static void Require(WebDavRequest request, IReadOnlyList<DavLock> held)
    {
        var blocking = BlockedOnce(held, request).ToArray();
        if (blocking.Length > 0)
        {
            throw new WebDavException(
                StatusCodes.Status423Locked,
                "It is locked, and the request does not name the token of the lock.",
                "lock-token-submitted"
            )
            {
                Hrefs = [.. blocking.Select(one => one.RootHref)],
            };
        }
    }

    private bool Holds(IfCondition condition, bool here, VirtualPath path, FileEntry? entry)
    {
        if (!here)
        {
            return false; // of another server nothing is known
        }

        if (condition.Token is { } token)
        {
            return locks.Find(token) is { } held && held.Covers(path); // DAV:no-lock is never a lock (section 10.4.8)
        }

        return entry is not null && EntityTags.Matches(condition.ETag, entry.ETag, weak: false);
    }
}
