using System.Security.Claims;
using Distribyted.FileSystem;

namespace Distribyted.Http.Users;

/// <summary>What a signed-in user carries. Other ways to sign in (cookies, tokens, links) make their principals here, so that rights mean one thing.</summary>
public static class UserClaims
{
    /// <summary>The authentication scheme that all users are signed in by.</summary>
    internal const string Scheme = "Distribyted";

    private const string RightsType = "distribyted:rights";
    private const string RouteType = "distribyted:route";
    private const string RestrictedType = "distribyted:restricted";

    /// <summary>Makes a principal.</summary>
    /// <param name="name">Shown to users.</param>
    /// <param name="rights">What the user may do.</param>
    /// <param name="routes">Route names the user sees; empty: all.</param>
    /// <param name="scheme">How the user signed in.</param>
    public static ClaimsPrincipal Principal(string name, UserRights rights, IReadOnlyList<string> routes, string scheme = Scheme)
    {
        var claims = new List<Claim> { new(ClaimTypes.Name, name), new(RightsType, rights == UserRights.Full ? "full" : "read") };
        if (routes.Count > 0)
        {
            claims.Add(new Claim(RestrictedType, "true"));
            claims.AddRange(routes.Select(route => new Claim(RouteType, route)));
        }

        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    /// <summary>What the user may do; a principal that we did not make may only read.</summary>
    public static UserRights Rights(ClaimsPrincipal user)
    {
        return user.HasClaim(RightsType, "full") ? UserRights.Full : UserRights.Read;
    }

    /// <summary>Whether the user sees some routes only. A principal that we did not make sees nothing.</summary>
    public static bool IsRestricted(ClaimsPrincipal user)
    {
        return user.FindFirst(RestrictedType) is not null || user.FindFirst(RightsType) is null;
    }

    /// <summary>What a restricted user sees: some folders of the tree. What is not the name of a route is none of them.</summary>
    public static PathScope Scope(ClaimsPrincipal user)
    {
        var folders = new List<VirtualPath>();
        foreach (var claim in user.FindAll(RouteType))
        {
            if (VirtualPath.TryParse(claim.Value, out var path) && !path.IsRoot)
            {
                folders.Add(path);
            }
        }

        return new PathScope(folders);
    }
}
