using Distribyted.Http.Sessions;
using Microsoft.AspNetCore.Authentication;

namespace Distribyted.Http.Authentication;

/// <summary>How a sign-in ended, with what the response needs.</summary>
/// <param name="State">How it ended.</param>
/// <param name="Result">The user's principal; null unless accepted.</param>
/// <param name="Wait">How long a locked out client has to wait.</param>
/// <param name="Session">The session by whose cookie it was accepted; null: by something else.</param>
internal readonly record struct SignInOutcome(
    SignInState State,
    AuthenticateResult? Result = null,
    TimeSpan Wait = default,
    Session? Session = null
);
