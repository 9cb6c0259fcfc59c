using Distribyted.FileSystem;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Headers;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Telemetry;
using Distribyted.WebDav.Writing;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>PROPFIND (RFC 4918 section 9.1), Depth 0 and 1. Answered from memory or the local disk; only a path of which the tree cannot say yet whether it is there
/// is waited for.</summary>
internal sealed class PropFindHandler(WriteConditions conditions, LockTable locks, TimeProvider time, WebDavMetrics metrics)
    : IWebDavHandler
{
    private static readonly PropFindRequest EverythingAndQuota = new(
        PropFindKind.AllProp,
        [new DavName(DavName.Dav, "quota-available-bytes"), new DavName(DavName.Dav, "quota-used-bytes")]
    );

    private const int MostLarge = 64; // 32 MiB in all

    // Players open bookmarks of paths in archives; to some a 503 means that the file is gone for good.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private int _answers; // that are being written

    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var depth = DepthHeader.Read(request.Headers) ?? Depth.Infinity;
        var asked = PropFindRequest.Parse(await RequestBody.ReadAsync(request.Context, cancellationToken));
        var self = await FindAsync(request, cancellationToken) ?? throw WebDavException.NotFound(request.Path);
        await conditions.CheckAsync(request, self, cancellationToken);
        if (depth == Depth.Infinity && self.IsDirectory)
        {
            throw new WebDavException(StatusCodes.Status403Forbidden, "A folder is listed with Depth 0 or 1.", "propfind-finite-depth");
        }

        if (asked == PropFindRequest.Everything && depth == Depth.Zero && self.IsDirectory && WantsQuota(request))
        {
            asked = EverythingAndQuota;
        }

        var members = DirectoryListing.Empty;
        if (depth == Depth.One && self.IsDirectory)
        {
            members = await request.Files.ListAsync(request.Path, cancellationToken) ?? throw WebDavException.NotFound(request.Path);
        }

        var space = asked.Properties.Any(IsQuota) ? await request.Files.GetSpaceAsync(cancellationToken) : default;
        var files = EntryTemplate.Build(asked, isDirectory: false, space, []);
        var folders = EntryTemplate.Build(asked, isDirectory: true, space, []);
        var own = self.IsDirectory ? folders : files;
        var special = default(Dictionary<string, EntryTemplate>);
        if (request.Files is IWritableFileSystem writable && !(asked.Kind == PropFindKind.Prop && asked.Properties.All(IsComputed)))
        {
            var dead = await writable.GetPropertiesAsync(request.Path, cancellationToken);
            own = dead.Count == 0 ? own : EntryTemplate.Build(asked, self.IsDirectory, space, dead);
            special = await FindSpecialAsync(writable, request.Path, asked, members, space, cancellationToken);
        }

        var now = time.GetUtcNow();
        var active = WantsLocks(asked) ? ActiveLocks.At(locks, request.Path, members.Count > 0) : ActiveLocks.None;
        var writer = new MultiStatusWriter(request.Target.Raw, self, own, files, folders, special, active, now);

        var response = request.Response;
        response.StatusCode = StatusCodes.Status207MultiStatus;
        response.ContentType = XmlAnswer.ContentType;
        metrics.Listed(members.Count + 1);
        try
        {
            var memory = Interlocked.Increment(ref _answers) <= MostLarge ? AnswerBuffer.Large : AnswerBuffer.Small;
            await writer.SendAsync(response, members, memory, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _answers);
        }
    }

    /// <summary>What is at the path. Where the tree cannot say it at once, it is looked up as for a GET, which waits.</summary>
    /// <exception cref="FileSystemException">It could not be said in time.</exception>
    private async ValueTask<FileEntry?> FindAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.FindAsync(cancellationToken);
        }
        catch (FileSystemException e) when (e.Failure == FileSystemFailure.Unavailable)
        {
            using var deadline = new CancellationTokenSource(LongestWait, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                return (await request.LocateAsync(either.Token))?.Entry;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FileSystemException(FileSystemFailure.Unavailable, e.Message, e);
            }
            catch (FileSystemException damaged) when (damaged.Failure == FileSystemFailure.Corrupt)
            {
                return null; // an archive that turned out to be damaged: nothing is in it, as every later look says
            }
        }
    }

    // Entries with properties that clients left there get templates of their own; there are few, and they are held because a second look could differ.
    private static async ValueTask<Dictionary<string, EntryTemplate>?> FindSpecialAsync(
        IWritableFileSystem files,
        VirtualPath folder,
        PropFindRequest asked,
        DirectoryListing members,
        Space space,
        CancellationToken cancellationToken
    )
    {
        if (members.Count == 0 || await files.ListPropertiesAsync(folder, cancellationToken) is not { Count: > 0 } left)
        {
            return null;
        }

        var special = new Dictionary<string, EntryTemplate>(StringComparer.Ordinal);
        for (var i = 0; i < members.Count; i++)
        {
            var entry = members[i];
            if (left.TryGetValue(entry.Name, out var dead))
            {
                special[entry.Name] = EntryTemplate.Build(asked, entry.IsDirectory, space, dead);
            }
        }

        return special;
    }

    // The npm client "webdav" asks for quota by a PROPFIND without a body, where RFC 4331 section 3 wants none; no other client sends this Accept.
    private static bool WantsQuota(WebDavRequest request)
    {
        return request.Headers.Accept.ToString() == "text/plain,application/xml";
    }

    private static bool IsComputed(DavName name)
    {
        return LiveProperties.Find(name) is not null;
    }

    private static bool IsQuota(DavName name)
    {
        return name.IsDav("quota-available-bytes") || name.IsDav("quota-used-bytes");
    }

    private static bool WantsLocks(PropFindRequest asked)
    {
        return asked.Kind == PropFindKind.AllProp || asked.Properties.Any(name => name.IsDav("lockdiscovery"));
    }
}
