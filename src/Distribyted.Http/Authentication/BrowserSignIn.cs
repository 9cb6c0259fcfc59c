using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Distribyted.Http.Sessions;
using Distribyted.Http.Telemetry;
using Distribyted.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Distribyted.Http.Authentication;

/// <summary>Signs users of a browser in and out: the same users, passwords and lock-out as for programs, and a cookie instead of a password with each
/// request. Safe for use by many threads.</summary>
public sealed class BrowserSignIn
{
    private readonly SignIn _signIn;
    private readonly SessionStore _sessions;
    private readonly HttpAccessOptions _options;
    private readonly ILogger _log;

    internal BrowserSignIn(SignIn signIn, SessionStore sessions, HttpAccessOptions options, ILogger log)
    {
        _signIn = signIn;
        _sessions = sessions;
        _options = options;
        _log = log;
    }

    /// <summary>Whether a request was signed in by a cookie.</summary>
    public static bool IsUsed(HttpContext context)
    {
        return OpenRequest.Of(context) is not null;
    }

    /// <summary>Whether a browser may sign in by this request: over https if that is asked for, and under a name of this machine.</summary>
    /// <remarks>If not, a challenge of the scheme says why.</remarks>
    public bool IsPossible(HttpContext context)
    {
        return (!_options.RequireTls || context.Request.IsHttps) && _signIn.NamesUs(context);
    }

    /// <summary>Checks a password. If it is right, a new session begins, whose cookie goes with the answer; one that the browser had ends.</summary>
    /// <param name="context">The request; nothing of its answer was sent.</param>
    /// <param name="name">Of the user.</param>
    /// <param name="password">As it was typed.</param>
    /// <returns>Whether it is right. If not, how long nothing will be looked at; zero: the user may try again.</returns>
    public (bool IsRight, TimeSpan Wait) SignIn(HttpContext context, string name, string password)
    {
        var outcome = _signIn.CheckPassword(context, name, password, out var user);
        if (outcome.State != SignInState.Accepted || user is null)
        {
            return (false, outcome.Wait);
        }

        if (SessionCookie.Read(context.Request) is { } former && _sessions.Find(former) is { } session)
        {
            OpenRequest.Of(context)?.Keep();
            _sessions.End(session);
        }

        SessionCookie.Write(context, _sessions.Begin(user), _options.Sessions.Longest);
        _log.BrowserSignedIn(user.Name, Address(context));
        return (true, TimeSpan.Zero);
    }

    /// <summary>Ends the session of a request, if it has one.</summary>
    /// <param name="context">The request; nothing of its answer was sent.</param>
    /// <param name="isEverywhere">All sessions of the user end.</param>
    public void SignOut(HttpContext context, bool isEverywhere)
    {
        SessionCookie.Delete(context);
        if (OpenRequest.Of(context) is not { } request)
        {
            return;
        }

        request.Keep();
        if (isEverywhere)
        {
            _sessions.EndAll(request.Session.User);
            _log.BrowsersSignedOut(request.Session.User, Address(context));
        }
        else
        {
            _sessions.End(request.Session);
        }
    }

    /// <summary>What a form has to bring with it, so that no other site's page can have made it: tied to the session, or before the sign-in to a cookie
    /// that goes with the answer.</summary>
    /// <param name="context">The request for the form; nothing of its answer was sent.</param>
    public string FormToken(HttpContext context)
    {
        if (Secret(context) is { } secret)
        {
            return Token(secret);
        }

        var made = SessionId.Create();
        SessionCookie.WriteForm(context, made);
        return Token(made);
    }

    /// <summary>Whether a form brought what <see cref="FormToken"/> gave it.</summary>
    public bool IsFormToken(HttpContext context, string? token)
    {
        return token is not null
            && Secret(context) is { } secret
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Token(secret)), Encoding.UTF8.GetBytes(token));
    }

    private static SessionId? Secret(HttpContext context)
    {
        return OpenRequest.Of(context) is not null ? SessionCookie.Read(context.Request) : SessionCookie.ReadForm(context.Request);
    }

    private static string Token(SessionId secret)
    {
        return Base64Url.EncodeToString(HMACSHA256.HashData(secret.Bytes, "form"u8));
    }

    private static string Address(HttpContext context)
    {
        return context.Connection.RemoteIpAddress is { } address ? ClientAddress.Plain(address).ToString() : "?";
    }
}
