using Distribyted.Http.Paths;
using Distribyted.WebDav.Errors;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Headers;

/// <summary>The headers <c>Destination</c> and <c>Overwrite</c> (RFC 4918 sections 10.3, 10.6).</summary>
internal static class DestinationHeader
{
    /// <summary>Where it shall go: an absolute URI of this host, or an absolute path.</summary>
    /// <exception cref="WebDavException">400: none, or not one; 502: on another server.</exception>
    public static RequestPath Read(HttpRequest request)
    {
        var uri = request.Headers["Destination"].ToString().Trim();
        if (uri.Length == 0)
        {
            throw WebDavException.BadRequest("Destination is missing.");
        }

        return RequestPath.TryParseUri(uri, request, "", out var path) switch
        {
            UriOutcome.Here => path,
            UriOutcome.OtherHost => throw new WebDavException(StatusCodes.Status502BadGateway, "The destination is on another server."),
            _ => throw WebDavException.BadRequest("The destination is not a path of the tree."),
        };
    }

    /// <summary>Whether what is there may be replaced. Without the header it may.</summary>
    /// <exception cref="WebDavException">400.</exception>
    public static bool ReadOverwrite(IHeaderDictionary headers)
    {
        return headers["Overwrite"].ToString().Trim() switch
        {
            "" or "T" or "t" => true,
            "F" or "f" => false,
            _ => throw WebDavException.BadRequest("Overwrite is T or F."),
        };
    }
}
