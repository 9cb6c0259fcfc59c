using Distribyted.Http.Users;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api.V1;

/// <summary>Which users an endpoint is for. Checked before its parameters and body are read.</summary>
internal static class ApiRights
{
    /// <summary>For all endpoints: who may only read may use safe methods.</summary>
    public static AuthorizationPolicy ReadersOnlyRead { get; } =
        new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(static about =>
                UserClaims.Rights(about.User) == UserRights.Full || about.Resource is HttpContext context && IsSafe(context.Request.Method)
            )
            .Build();

    /// <summary>For what is not for users who may only read, such as addresses of peers and passkeys of trackers.</summary>
    public static AuthorizationPolicy Full { get; } =
        new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(static about => UserClaims.Rights(about.User) == UserRights.Full)
            .Build();

    /// <summary>For what belongs to no route or is not for everybody who may play: addresses of peers, settings, shared folders.</summary>
    public static AuthorizationPolicy SeesAll { get; } =
        new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(static about => RouteRights.MaySeeAll(about.User))
            .Build();

    private static bool IsSafe(string method)
    {
        return HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
    }
}
