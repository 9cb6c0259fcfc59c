using System.Net;
using Distribyted.Http.Listeners;
using Distribyted.Http.Sessions;
using Distribyted.Http.Users;

namespace Distribyted.Http.Authentication;

/// <summary>What is the same for all listeners: users, how they sign in, and limits.</summary>
public sealed record HttpAccessOptions
{
    /// <summary>Users; empty: every sign-in is refused.</summary>
    public IReadOnlyList<HttpUser> Users { get; set; } = [];

    /// <summary>Offer Digest (RFC 7616) beside Basic.</summary>
    public bool Digest { get; set; } = true;

    /// <summary>Different wrong passwords in a row, per address and user, before the back-off starts; 0: no lock-out. Digest hides the password: there each try of
    /// a program counts.</summary>
    public int MaxFailures { get; set; } = 10;

    /// <summary>First back-off; doubles with each further failure, at most 15 minutes or this value if larger.</summary>
    public TimeSpan Lockout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long browsers stay signed in, where the listener has a page for that.</summary>
    public SessionOptions Sessions { get; init; } = new();

    /// <summary>Names of this machine, beside addresses and names that are private anyway, under which browsers sign in, and requests come in without a
    /// sign-in where none is asked for; <c>*.example.org</c> is all below it.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Reverse proxies that say for which client a request is (<c>X-Forwarded-For</c> and its like); of others that is not believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; set; } = [];

    /// <summary>No sign-in from 127.0.0.0/8 and ::1, unless a proxy says that it asks for another client or Host is another machine's name.</summary>
    public bool TrustLoopback { get; set; }

    /// <summary>Take credentials on TLS listeners only; the plain ones answer 403 with the https address.</summary>
    public bool RequireTls { get; set; }

    /// <summary>Largest upload that any listener accepts, bytes: the body of a PUT, a <c>.torrent</c> of a POST; more is 413. Bodies above 1 MiB of a PUT wait on
    /// disk.</summary>
    public long MaxUpload { get; set; } = 32 << 20; // films have 100 KB, a terabyte has about 20 MB

    /// <summary>The TLS port of a listener, for that answer; null: it has none.</summary>
    public Func<Listener, int?> TlsPort { get; set; } = _ => null;
}
