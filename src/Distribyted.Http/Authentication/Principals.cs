using Distribyted.Http.Users;
using Microsoft.AspNetCore.Authentication;

namespace Distribyted.Http.Authentication;

/// <summary>A user's principals, one for each set of rights that a listener may allow. They are made once: caches of views are keyed by the principal.</summary>
/// <param name="name">The user's name.</param>
/// <param name="rights">What the user may do where the listener allows it.</param>
/// <param name="routes">Route names the user sees; empty: all.</param>
internal sealed class Principals(string name, UserRights rights, IReadOnlyList<string> routes)
{
    private readonly AuthenticateResult _own = Result(name, rights, routes);
    private readonly AuthenticateResult _reading = Result(name, UserRights.Read, routes);

    /// <summary>A successful sign-in of this user.</summary>
    /// <param name="most">The most that the listener allows.</param>
    public AuthenticateResult Success(UserRights most)
    {
        return most == UserRights.Full ? _own : _reading;
    }

    private static AuthenticateResult Result(string name, UserRights rights, IReadOnlyList<string> routes)
    {
        var principal = UserClaims.Principal(name, rights, routes);
        return AuthenticateResult.Success(new AuthenticationTicket(principal, UserClaims.Scheme));
    }
}
