using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Sessions;

/// <summary>The cookie with the id of a session: <c>HttpOnly</c>, <c>SameSite=Lax</c>, <c>Secure</c> over https, for our addresses only.</summary>
/// <remarks>Browsers send cookies to all ports of a machine and keep those of http and https in one place, so the name says which server it is for:
/// it has the port, and over https a prefix (RFC 6265bis section 4.1.3) under which no other site and no plain connection can plant one.</remarks>
public static class SessionCookie
{
    private const string Own = "distribyted";
    private const string FormEnding = "-form";

    /// <summary>Whether a request brings a session, good or not: it comes from a browser.</summary>
    public static bool IsIn(HttpRequest request)
    {
        return request.Headers.Cookie.Count > 0 && request.Cookies.ContainsKey(Name(request));
    }

    internal static SessionId? Read(HttpRequest request)
    {
        return request.Headers.Cookie.Count > 0 && SessionId.TryParse(request.Cookies[Name(request)], out var id) ? id : null;
    }

    internal static void Write(HttpContext context, SessionId id, TimeSpan lifetime)
    {
        var options = Options(context.Request, SameSiteMode.Lax);
        options.MaxAge = lifetime;
        context.Response.Cookies.Append(Name(context.Request), id.ToString(), options);
    }

    internal static void Delete(HttpContext context)
    {
        context.Response.Cookies.Delete(Name(context.Request), Options(context.Request, SameSiteMode.Lax));
    }

    /// <summary>The secret of a browser that is not signed in yet: its form of the sign-in page is tied to it.</summary>
    internal static SessionId? ReadForm(HttpRequest request)
    {
        return SessionId.TryParse(request.Cookies[Name(request) + FormEnding], out var id) ? id : null;
    }

    internal static void WriteForm(HttpContext context, SessionId id)
    {
        context.Response.Cookies.Append(Name(context.Request) + FormEnding, id.ToString(), Options(context.Request, SameSiteMode.Strict));
    }

    private static string Name(HttpRequest request)
    {
        var name = new StringBuilder();
        if (request.IsHttps)
        {
            name.Append(request.PathBase.HasValue ? "__Secure-" : "__Host-");
        }

        name.Append(Own);
        if (request.Host.Port is { } port)
        {
            name.Append('-').Append(port.ToString(CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }

    private static CookieOptions Options(HttpRequest request, SameSiteMode from)
    {
        return new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            Path = request.PathBase.HasValue ? request.PathBase.ToUriComponent() : "/",
            SameSite = from,
            Secure = request.IsHttps,
        };
    }
}
