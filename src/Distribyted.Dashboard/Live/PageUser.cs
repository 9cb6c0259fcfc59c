using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace Distribyted.Dashboard.Live;

/// <summary>Who looks at the page.</summary>
internal sealed class PageUser(AuthenticationStateProvider authentication)
{
    /// <summary>The user who signed in.</summary>
    public async ValueTask<ClaimsPrincipal> GetAsync()
    {
        return (await authentication.GetAuthenticationStateAsync()).User;
    }
}
