using Distribyted.Http.Listeners;
using Distribyted.Http.Users;

namespace Distribyted.WebDav.Requests;

/// <summary>The WebDAV listener: what it accepts.</summary>
public sealed record WebDavOptions
{
    /// <summary>Name of the listener.</summary>
    public const string ListenerName = "webdav";

    /// <summary>Whether the listener asks for a sign-in.</summary>
    public bool RequireSignIn { get; set; } = true;

    /// <summary>The rules of the listener.</summary>
    public Listener Listener => new(ListenerName, RequireSignIn, ReadOnly ? UserRights.Read : UserRights.Full, SignInPage: null);

    /// <summary>Longest time of a lock that is not refreshed, 1 second to 7 days. Clients ask for up to 130 years; an hour outlives every save.</summary>
    public TimeSpan MaxLockTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>For reading only: every method that changes something is 403 with a reason.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Where large bodies wait, made when it is missing; null: the system's folder for temporary files.</summary>
    public string? SpoolFolder { get; set; }
}
