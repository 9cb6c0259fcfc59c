using Distribyted.Http.Sessions;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>Refuses changes that the page of another site asks for (CSRF). A browser sends cookies and cached Basic credentials with requests that any site's page
/// makes. Reading such answers the browser forbids; changing things it does not, nor opening a WebSocket, so those are refused here. Programs send neither header
/// and pass, unless they have a browser's cookie: then the page that made the request has to be known.</summary>
internal static class CrossSiteGuard
{
    public static Problem Refusal { get; } =
        new(StatusCodes.Status403Forbidden, "The request comes from the page of another site; changes are taken from here only.");

    public static bool Refuses(HttpRequest request)
    {
        if (IsSafe(request))
        {
            return false;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is not ("same-origin" or "none");
        }

        // Browsers without Sec-Fetch-Site (any over plain http to another machine) send Origin with unsafe requests.
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            ? SessionCookie.IsIn(request)
            : !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsOurs(uri, request.Host));
    }

    private static bool IsSafe(HttpRequest request)
    {
        return HttpMethods.IsHead(request.Method)
            || HttpMethods.IsOptions(request.Method)
            || (HttpMethods.IsGet(request.Method) && request.Headers.Upgrade.Count == 0);
    }

    private static bool IsOurs(Uri origin, HostString host)
    {
        var port = host.Port ?? (origin.Scheme == "https" ? 443 : 80);
        return string.Equals(origin.Host, new HostString(host.Host).Host, StringComparison.OrdinalIgnoreCase) && origin.Port == port;
    }
}
