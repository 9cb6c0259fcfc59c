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

    /// <summary>Serve the tree at <c>/fs</c>.</summary>
    public bool HttpFs { get; set; } = true;

    /// <summary>How long a POST of a torrent waits for its metadata.</summary>
    public TimeSpan AddTimeout { get; set; } = TimeSpan.FromSeconds(60); // the Go program's

    /// <summary>What such a POST does then. True: 202, and the search goes on. False: 400, and nothing is kept.</summary>
    public bool ContinueWhenAddTimeout { get; set; }
}
