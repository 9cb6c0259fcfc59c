namespace Distribyted.Http.Authentication;

/// <summary>What the credentials of a request lead to.</summary>
internal enum SignInState
{
    /// <summary>The request is a user's, or this listener asks for none.</summary>
    Accepted,

    /// <summary>No credentials, wrong ones, or some for another request: 401.</summary>
    Challenge,

    /// <summary>The nonce was too old, or a write came with an answer that was used: 401 with <c>stale=true</c>.</summary>
    Stale,

    /// <summary>Too many wrong passwords: 429.</summary>
    Locked,

    /// <summary>Credentials are accepted over TLS only: 403, and no challenge, which would make the client send a password in the clear.</summary>
    TlsRequired,

    /// <summary>No password is asked for or a cookie came, and the Host header is not a name of this machine: 421 (RFC 9110 section 15.5.20).</summary>
    Misdirected,
}
