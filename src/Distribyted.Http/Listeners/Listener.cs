using Distribyted.Http.Users;

namespace Distribyted.Http.Listeners;

/// <summary>One kind of port that is served: the project that serves it says under which rules. Several ports (plain, TLS) may be of one listener.</summary>
/// <remarks>There are no defaults: a further listener must say whether it asks for a sign-in and what may be done through it.</remarks>
/// <param name="Name">Lower-case; the value of the tag <c>listener</c> in metrics.</param>
/// <param name="RequireSignIn">Whether it asks for a user and a password. If not, every client has the rights of <paramref name="Rights"/>.</param>
/// <param name="Rights">The most that any user may do through it.</param>
/// <param name="SignInPage">The path of the page where users sign in with a browser, which then sends a cookie; null: there is none, and no cookie is taken.</param>
public sealed record Listener(string Name, bool RequireSignIn, UserRights Rights, string? SignInPage);
