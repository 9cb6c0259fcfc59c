using System.Security.Claims;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Users;

namespace Distribyted.Web.Api;

/// <summary>What a user may do here, in one place. The tree has the same rules as types (<see cref="IUserFileSystem"/>).</summary>
internal static class RouteRights
{
    public static Problem MayNotChange { get; } = new(403, "This user may see and play, not change.");

    /// <summary>Whether the user sees this route: all of them, or it is one of his, or below one of his.</summary>
    public static bool Sees(ClaimsPrincipal user, string route)
    {
        return !UserClaims.IsRestricted(user) || (VirtualPath.TryParse(route, out var path) && UserClaims.Scope(user).Contains(path));
    }

    /// <summary>Whether the user may add to this route and remove from it.</summary>
    public static bool MayChange(ClaimsPrincipal user, string route)
    {
        return UserClaims.Rights(user) == UserRights.Full && Sees(user, route);
    }

    /// <summary>Whether the user may know what belongs to no route: the log, magnets and folders of what is shared.</summary>
    public static bool MaySeeAll(ClaimsPrincipal user)
    {
        return UserClaims.Rights(user) == UserRights.Full && !UserClaims.IsRestricted(user);
    }
}
