using Microsoft.AspNetCore.Authentication;

namespace Distribyted.Http.Authentication;

/// <summary>How a sign-in went.</summary>
internal enum SignInState
{
    /// <summary>Come in.</summary>
    Welcome,

    /// <summary>No credentials, wrong ones, or some for another request: 401.</summary>
    Unknown,

    /// <summary>The nonce was too old, or a write came with an answer that was used: 401 with <c>stale=true</c>.</summary>
    Stale,

    /// <summary>Too many wrong passwords: 429.</summary>
    Locked,

    /// <summary>Credentials are taken over TLS only: 403, and no challenge that would draw a password onto the line.</summary>
    Plain,

    /// <summary>Nobody signs in here, and the name in Host is none of ours: 421 (RFC 9110 section 15.5.20).</summary>
    Misdirected,
}

/// <summary>How a sign-in went, with what the answer needs.</summary>
internal readonly record struct SignInOutcome(SignInState State, AuthenticateResult? Result = null, TimeSpan Wait = default);
