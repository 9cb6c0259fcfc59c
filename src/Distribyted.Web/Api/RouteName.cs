using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>The route that an address names. A nested route <c>a/b</c> is written <c>a%2Fb</c>, which the server leaves as it is.</summary>
internal static class RouteName
{
    public static string Of(HttpContext context)
    {
        var name = context.Request.RouteValues["route"] as string ?? "";
        return name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }
}
