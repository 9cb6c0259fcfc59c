using Distribyted.Http.Listeners;
using Distribyted.Http.Sessions;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Authentication;

/// <summary>Whether a request comes from a browser, and for what. Programs are asked for a password by Basic and Digest, browsers by a page.</summary>
/// <remarks>Browsers send <c>Sec-Fetch-*</c> over https and to the same machine only, so other signs count as well.</remarks>
internal static class PageRequest
{
    /// <summary>Whether a browser shows the answer as a page: it goes to the page of the sign-in.</summary>
    public static bool IsForPage(HttpContext context)
    {
        var request = context.Request;
        return context.Listener().SignInPage is not null
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && request.Headers.Authorization.Count == 0
            && request.Headers.Range.Count == 0
            && request.Headers["Sec-Fetch-Mode"].ToString() is "" or "navigate"
            && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a page in a browser made the request.</summary>
    public static bool IsOfPage(HttpContext context)
    {
        return context.Listener().SignInPage is not null
            && context.Request.Headers.Authorization.Count == 0
            && (context.Request.Headers.ContainsKey("Sec-Fetch-Mode") || SessionCookie.IsIn(context.Request));
    }
}
