using Distribyted.Http.Listeners;
using Distribyted.Http.Users;

namespace Distribyted.Web.Api;

/// <summary>The web listener: the API and <c>/fs</c>.</summary>
public sealed record WebOptions
{
    /// <summary>Where users of a browser sign in.</summary>
    internal const string SignInPage = "/login";

    /// <summary>Whether the listener asks for a sign-in.</summary>
    public bool RequireSignIn { get; set; } = true;

    /// <summary>The rules of the listener. What the API changes is up to the rights of its users.</summary>
    public Listener Listener => new("web", RequireSignIn, UserRights.Full, SignInPage);

    /// <summary>The path below which a reverse proxy serves the listener, such as <c>/torrents</c>; empty: at its root.</summary>
    public string BasePath { get; set; } = "";

    /// <summary>Serve the tree at <c>/fs</c>.</summary>
    public bool HttpFs { get; set; } = true;

    /// <summary>Whether an address is one of this listener's own, which no base path may hide.</summary>
    /// <param name="first">A slash and the first part of the path.</param>
    public static bool IsServed(string first)
    {
        return first is "/api" or "/fs" or "/health" or SignInPage or "/logout" or "/_app" or "/_blazor";
    }

    /// <summary>How long a POST of a torrent waits for its metadata.</summary>
    public TimeSpan AddTimeout { get; set; } = TimeSpan.FromSeconds(60); // the Go program's

    /// <summary>What such a POST does then. True: 202, and the search goes on. False: 400, and nothing is kept.</summary>
    public bool ContinueWhenAddTimeout { get; set; }
}
