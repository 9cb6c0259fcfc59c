using Distribyted.FileSystem;

namespace Distribyted.WebDav.Errors;

/// <summary>The one exception of this project: a request that is refused, with the status and the body of RFC 4918 section 16. Thrown anywhere, answered in <see cref="WebDavMiddleware"/>.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="reason">For users: what stopped it.</param>
/// <param name="condition">Name of a pre- or postcondition element of the <c>DAV:</c> namespace, for programs; null: none fits.</param>
internal sealed class WebDavException(int status, string reason, string? condition = null) : Exception(reason)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The condition element, for programs.</summary>
    public string? Condition { get; } = condition;

    /// <summary>Escaped paths that the condition is about: the root of the lock that is in the way.</summary>
    public IReadOnlyList<string> Hrefs { get; init; } = [];

    /// <summary>A malformed request.</summary>
    public static WebDavException BadRequest(string reason)
    {
        return new WebDavException(400, reason);
    }

    /// <summary>Nothing is there.</summary>
    public static WebDavException NotFound(VirtualPath path)
    {
        return new WebDavException(404, $"There is nothing at {path}.");
    }
}
