using Distribyted.FileSystem;
using Distribyted.Http.Paths;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Headers;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Requests;

/// <summary>One request with what every handler needs, read once.</summary>
internal sealed class WebDavRequest
{
    private readonly bool _readOnly;
    private readonly IReadOnlyList<string> _methods;

    /// <summary>A request for a path in a user's tree.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="target">Its path.</param>
    /// <param name="files">The tree as this user sees it.</param>
    /// <param name="readOnly">Whether the whole mount is for reading only.</param>
    /// <param name="methods">All methods of this server, for the header <c>Allow</c>.</param>
    /// <exception cref="WebDavException">400: the header If is malformed.</exception>
    public WebDavRequest(HttpContext context, RequestPath target, IFileSystem files, bool readOnly, IReadOnlyList<string> methods)
    {
        Context = context;
        Target = target;
        Files = files;
        Path = target.Path;
        _readOnly = readOnly;
        _methods = methods;
        If = context.Request.Headers.TryGetValue("If", out var text) ? IfHeader.Parse(text.ToString()) : null;
    }

    /// <summary>The request and its answer.</summary>
    public HttpContext Context { get; }

    /// <summary>The path as it was sent: answers echo it.</summary>
    public RequestPath Target { get; }

    /// <summary>The tree as this user sees it.</summary>
    public IFileSystem Files { get; }

    /// <summary>The path; after <see cref="FindAsync"/> with the last name as it is stored, not as it was asked for (NFC and NFD).</summary>
    public VirtualPath Path { get; private set; }

    /// <summary>The conditions of RFC 4918 section 10.4; null: none.</summary>
    public IfHeader? If { get; }

    /// <summary>The method, in capitals.</summary>
    public string Method => Context.Request.Method;

    /// <summary>The header <c>Allow</c>: every method of this server.</summary>
    public string Allow => string.Join(", ", _methods);

    /// <summary>The header <c>Allow</c> where the method of this request makes no sense (RFC 9110 section 15.5.6).</summary>
    public string AllowOthers => string.Join(", ", _methods.Where(other => other != Method));

    /// <summary>The headers.</summary>
    public IHeaderDictionary Headers => Context.Request.Headers;

    /// <summary>The answer.</summary>
    public HttpResponse Response => Context.Response;

    /// <summary>The user; null: without a sign-in.</summary>
    public string? User => Context.User.Identity?.Name;

    /// <summary>Whether this user may change the tree.</summary>
    public bool CanWrite => Files is IWritableFileSystem && !_readOnly;

    /// <summary>What to tell a user who may not.</summary>
    public string WhyReadOnly =>
        _readOnly ? "This mount is for reading only (webdav.read_only)."
        : CanWrite ? "This is outside of the routes that you may change."
        : "You may read here, not write.";

    /// <summary>The tree, if this user may change it.</summary>
    /// <exception cref="WebDavException">403: the tree of this user, or the whole mount, is for reading only.</exception>
    public IWritableFileSystem RequireWritable()
    {
        return CanWrite ? (IWritableFileSystem)Files : throw new WebDavException(StatusCodes.Status403Forbidden, WhyReadOnly);
    }

    /// <summary>Whether this user may change anything at a path. Asked before any question about locks: those of hidden routes are not this user's affair.</summary>
    public bool MayChange(VirtualPath path)
    {
        return CanWrite && ((IWritableFileSystem)Files).IsInReach(path);
    }

    /// <summary>Looks the path up.</summary>
    public async ValueTask<FileEntry?> FindAsync(CancellationToken cancellationToken)
    {
        var entry = await Files.FindAsync(Path, cancellationToken);
        UseStoredName(entry);
        return entry;
    }

    /// <summary>Looks the path up for a GET or HEAD: what was found is opened without resolving the path again.</summary>
    public async ValueTask<FoundEntry?> LocateAsync(CancellationToken cancellationToken)
    {
        var found = await Files.LocateAsync(Path, cancellationToken);
        UseStoredName(found?.Entry);
        return found;
    }

    private void UseStoredName(FileEntry? entry)
    {
        if (entry is not null && !Path.IsRoot && entry.Name != Path.Name && VirtualPath.IsSegment(entry.Name))
        {
            Path = Path.Parent.Append(entry.Name);
        }
    }
}
