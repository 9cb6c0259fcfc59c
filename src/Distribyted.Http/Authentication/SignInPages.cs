using Distribyted.Http.Listeners;
using Distribyted.Http.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.Http.Authentication;

/// <summary>Addresses of the page where users of a browser sign in, and where it sends them afterwards.</summary>
public static class SignInPages
{
    /// <summary>The parameter of the page with the address to go to afterwards.</summary>
    public const string Return = "return";

    /// <summary>The challenge for a page of a browser (a scheme that no browser asks its user for).</summary>
    public const string Challenge = $"Cookie realm=\"{HttpUser.Realm}\"";

    private const int MaxLength = 4096;

    /// <summary>The page, for a request that needs a sign-in: it comes back to where the user wanted to go.</summary>
    public static string Address(HttpContext context)
    {
        var below = context.Request.PathBase.ToUriComponent();
        var page = below + context.Listener().SignInPage;
        var wanted = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        return IsLocal(wanted) && wanted != "/" ? $"{page}?{Return}={Uri.EscapeDataString(below + wanted)}" : page;
    }

    /// <summary>Whether an address is a path on this server, so that no link can send a user elsewhere by way of the sign-in.</summary>
    /// <param name="address">As it came. Escaped; a space, a control character, a backslash or two slashes at its start make it none of ours.</param>
    public static bool IsLocal(string? address)
    {
        return address is ['/', ..] and not ['/', '/', ..]
            && address.Length <= MaxLength
            && address.All(static c => c is > ' ' and < '\x7f' and not '\\');
    }
}
