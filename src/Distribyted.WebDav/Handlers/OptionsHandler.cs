using Distribyted.WebDav.Requests;

namespace Distribyted.WebDav.Handlers;

/// <summary>OPTIONS of anything, there or not, also of <c>*</c> (RFC 4918 section 10.1; MS-WDVSE for Windows).</summary>
internal sealed class OptionsHandler : IWebDavHandler
{
    /// <inheritdoc/>
    public Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var headers = request.Response.Headers;
        headers["DAV"] = "1, 2, 3"; // Finder mounts for reading only, and Windows cannot write, without class 2
        headers["MS-Author-Via"] = "DAV";
        headers.Allow = request.Allow;
        headers.AcceptRanges = "bytes";
        request.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
