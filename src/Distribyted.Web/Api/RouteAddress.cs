using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.Web.Api;

/// <summary>The route that an address names. A nested route <c>a/b</c> is written <c>a%2Fb</c>, and one of the name <c>a%2Fb</c> is written <c>a%252Fb</c>.</summary>
internal static class RouteAddress
{
    private const string Before = "/routes/"; // below /api and /api/v1

    public static string NameOf(HttpContext context)
    {
        var name = context.Request.RouteValues["route"] as string ?? "";
        if (!name.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            return name;
        }

        // The server decodes all but %2F, so that the two look alike; only what was sent tells them apart.
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var start = target.IndexOf(Before, StringComparison.OrdinalIgnoreCase);
        var sent = start < 0 ? name : target[(start + Before.Length)..].Split('/', 2)[0];
        return Uri.UnescapeDataString(sent);
    }
}
