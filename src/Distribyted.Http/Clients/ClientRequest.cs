using System.Net;

namespace Distribyted.Http.Clients;

/// <summary>One request for files, and its answer.</summary>
/// <param name="At">When it came.</param>
/// <param name="Kind">Which program sent it.</param>
/// <param name="Listener">Name of the listener that it came by.</param>
/// <param name="Method">Its method.</param>
/// <param name="Target">What it asked for, as it was sent; cut after 512 characters.</param>
/// <param name="Status">Status of the answer; 0: it is being answered, or the client left before it was.</param>
/// <param name="User">Who had signed in; null: no user.</param>
/// <param name="HasCredentials">Whether it carried an Authorization header.</param>
/// <param name="Address">Where it came from; null: unknown.</param>
public readonly record struct ClientRequest(
    DateTimeOffset At,
    ClientKind Kind,
    string Listener,
    string Method,
    string Target,
    int Status,
    string? User,
    bool HasCredentials,
    IPAddress? Address
);
