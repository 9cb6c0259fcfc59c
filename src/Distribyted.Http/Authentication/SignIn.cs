using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Distribyted.Http.Listeners;
using Distribyted.Http.Paths;
using Distribyted.Http.Sessions;
using Distribyted.Http.Telemetry;
using Distribyted.Http.Users;
using Distribyted.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Distribyted.Http.Authentication;

/// <summary>Authenticates a request by its Authorization header, Basic (RFC 7617) or Digest (RFC 7616), or without one by the cookie of a session. Only a wrong
/// password counts towards the lock-out; what cannot be read, a stale nonce and credentials for another request do not.</summary>
internal sealed class SignIn
{
    private const int MaxLength = 16 * 1024;
    private const int MaxNameLength = 64;

    private readonly HttpAccessOptions _options;
    private readonly UserStore _users;
    private readonly LockOut _lockOut;
    private readonly DigestNonce _nonces;
    private readonly SpentAnswers _spent;
    private readonly SessionStore _sessions;
    private readonly HttpAccessMetrics _metrics;
    private readonly ILogger _log;

    public SignIn(
        HttpAccessOptions options,
        UserStore users,
        LockOut lockOut,
        DigestNonce nonces,
        SpentAnswers spent,
        SessionStore sessions,
        HttpAccessMetrics metrics,
        ILogger<SignIn> log
    )
    {
        _options = options;
        _users = users;
        _lockOut = lockOut;
        _nonces = nonces;
        _spent = spent;
        _sessions = sessions;
        _metrics = metrics;
        _log = log;
    }

    public SignInOutcome Authenticate(HttpContext context)
    {
        var listener = context.Listener();
        if (!listener.RequireSignIn)
        {
            return NamesUs(context) ? WithoutSignIn(listener) : new SignInOutcome(SignInState.Misdirected);
        }

        if (_options.TrustLoopback && LocalRequest.IsFromHere(context) && NamesUs(context))
        {
            return WithoutSignIn(listener);
        }

        if (_options.RequireTls && !context.Request.IsHttps)
        {
            _metrics.SignInFailed("plain");
            return new SignInOutcome(SignInState.TlsRequired);
        }

        var header = context.Request.Headers.Authorization;
        if (header.Count == 0 && listener.SignInPage is { } page)
        {
            var id = SessionCookie.Read(context.Request);
            if ((id is not null || context.Request.Path == page || PageRequest.IsForPage(context)) && !NamesUs(context))
            {
                return new SignInOutcome(SignInState.Misdirected);
            }

            return id is null ? new SignInOutcome(SignInState.Challenge) : Cookie(context, id);
        }

        if (header.Count != 1 || header[0] is not { Length: > 0 and <= MaxLength } text)
        {
            return new SignInOutcome(SignInState.Challenge);
        }

        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var scheme = space < 0 ? text.AsSpan() : text.AsSpan(0, space);
        var value = space < 0 ? "" : text[(space + 1)..].Trim(' ');
        if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return Basic(context, value);
        }

        if (_options.Digest && scheme.Equals("Digest", StringComparison.OrdinalIgnoreCase))
        {
            return Digest(context, value);
        }

        return Malformed(context, "unknown scheme");
    }

    /// <summary>Checks a name and a password that came by another way than the Authorization header.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">Of the user.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="user">The user, when the outcome is accepted.</param>
    public SignInOutcome CheckPassword(HttpContext context, string name, string password, out HttpUser? user)
    {
        user = null;
        if (name.Length is 0 or > MaxNameLength || name.Contains(':', StringComparison.Ordinal))
        {
            return Malformed(context, "not a name"); // no user has such a one
        }

        var bytes = Encoding.UTF8.GetBytes($"{name}:{password}");
        return CheckPassword(context, bytes, Encoding.UTF8.GetByteCount(name), out user);
    }

    private SignInOutcome Cookie(HttpContext context, SessionId id)
    {
        if (_sessions.Find(id) is not { } session)
        {
            return new SignInOutcome(SignInState.Challenge);
        }

        var user = _users.Find(session.User);
        if (!user.IsKnown || !session.IsProved(id, user.HashSha256))
        {
            _sessions.End(session);
            return new SignInOutcome(SignInState.Challenge);
        }

        return new SignInOutcome(SignInState.Accepted, user.Success(context.Listener().Rights), Session: session);
    }

    private SignInOutcome WithoutSignIn(Listener listener)
    {
        return new SignInOutcome(SignInState.Accepted, _users.Anonymous.Success(listener.Rights));
    }

    /// <summary>Whether the Host header is a name of this machine.</summary>
    public bool NamesUs(HttpContext context)
    {
        return LocalRequest.NamesUs(context.Request.Host.Host, _options.AllowedHosts);
    }

    private SignInOutcome Basic(HttpContext context, string value)
    {
        var bytes = new byte[(value.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(value, bytes, out var length))
        {
            return Malformed(context, "not base64");
        }

        // Old clients send ISO 8859-1 in spite of charset="UTF-8" (RFC 7617 appendix B.3).
        var credentials = Utf8.IsValid(bytes.AsSpan(0, length))
            ? bytes.AsSpan(0, length)
            : Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes, 0, length));
        var colon = credentials.IndexOf((byte)':');
        if (colon < 0)
        {
            return Malformed(context, "no colon");
        }

        return CheckPassword(context, credentials, colon, out _);
    }

    private SignInOutcome CheckPassword(HttpContext context, ReadOnlySpan<byte> credentials, int colon, out HttpUser? accepted)
    {
        accepted = null;
        var name = Encoding.UTF8.GetString(credentials[..colon]);
        if (name.Length > MaxNameLength)
        {
            return Malformed(context, "name too long");
        }

        var who = Claimant.Basic(name);
        var user = _users.Find(name);
        var wait = _lockOut.Wait(context.Connection.RemoteIpAddress, who, user.IsKnown);
        if (wait > TimeSpan.Zero)
        {
            return Locked(wait);
        }

        // name ":" realm ":" password: what HA1 is made of.
        Span<byte> middle = stackalloc byte[HttpUser.Realm.Length + 2];
        middle[0] = middle[^1] = (byte)':';
        Encoding.ASCII.GetBytes(HttpUser.Realm, middle[1..]);
        var whole = new byte[credentials.Length + middle.Length - 1];
        credentials[..colon].CopyTo(whole);
        middle.CopyTo(whole.AsSpan(colon));
        credentials[(colon + 1)..].CopyTo(whole.AsSpan(colon + middle.Length));
        if (!user.Is(whole))
        {
            return Wrong(context, who, user, whole);
        }

        accepted = user.User;
        return Accept(context, who, user);
    }

    private SignInOutcome Digest(HttpContext context, string value)
    {
        if (!DigestHeader.TryParse(value, out var digest) || digest.UserName.Length > MaxNameLength)
        {
            return Malformed(context, "not a digest");
        }

        var sha256 = string.Equals(digest.Algorithm, "SHA-256", StringComparison.OrdinalIgnoreCase);
        if (!sha256 && digest.Algorithm is not null && !string.Equals(digest.Algorithm, "MD5", StringComparison.OrdinalIgnoreCase))
        {
            return Malformed(context, "unknown algorithm");
        }

        // Proxies spell paths anew: nginx and Apache send [ for the %5B of the client. RFC 7616 section 3.4.6 asks for the same resource, not for the same bytes.
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        // And it may take the path off below which it serves us.
        var below = context.Request.PathBase.ToUriComponent();
        if (
            !RequestPath.IsSameResource(digest.Uri, target) && !(below.Length > 0 && RequestPath.IsSameResource(digest.Uri, below + target))
        )
        {
            _metrics.SignInFailed("mismatch");
            _log.DigestMismatch(Address(context), digest.Uri, target);
            return new SignInOutcome(SignInState.Challenge);
        }

        if (!_nonces.IsGood(digest.Nonce, out var issued))
        {
            return Stale();
        }

        var who = Claimant.Digest(digest.UserName, context.Request.Headers.UserAgent.ToString());
        var user = _users.Find(digest.UserName);
        var wait = _lockOut.Wait(context.Connection.RemoteIpAddress, who, user.IsKnown);
        if (wait > TimeSpan.Zero)
        {
            return Locked(wait);
        }

        var second = Hash(sha256, $"{context.Request.Method}:{digest.Uri}");
        var first = sha256 ? user.HashSha256 : user.HashMd5;
        var expected = Hash(sha256, $"{first}:{digest.Nonce}:{digest.NonceCount}:{digest.ClientNonce}:auth:{second}");
        var given = Encoding.ASCII.GetBytes(digest.Response.ToLowerInvariant());
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), given))
        {
            return Wrong(context, who, user, []);
        }

        var answer = ulong.Parse(expected.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return IsReading(context.Request.Method) || _spent.TrySpend(issued, answer, _nonces.Oldest) ? Accept(context, who, user) : Stale();
    }

    private SignInOutcome Accept(HttpContext context, Claimant who, UserStore.StoredUser user)
    {
        _lockOut.Succeed(context.Connection.RemoteIpAddress, who);
        return new SignInOutcome(SignInState.Accepted, user.Success(context.Listener().Rights));
    }

    private SignInOutcome Wrong(HttpContext context, Claimant who, UserStore.StoredUser user, ReadOnlySpan<byte> credentials)
    {
        var verdict = _lockOut.Fail(context.Connection.RemoteIpAddress, who, user.IsKnown, credentials);
        _metrics.SignInFailed("wrong");
        if (!verdict.IsNew)
        {
            _log.SamePassword(Printable(who.User), Address(context));
        }
        else if (verdict.Wait > TimeSpan.Zero)
        {
            _log.LockedOut(Printable(who.User), Address(context), verdict.Wait, verdict.Failures);
        }
        else
        {
            _log.WrongPassword(Printable(who.User), Address(context), verdict.Failures);
        }

        return verdict.Shared > TimeSpan.Zero ? Locked(verdict.Shared) : new SignInOutcome(SignInState.Challenge);
    }

    private SignInOutcome Stale()
    {
        _metrics.SignInFailed("stale");
        return new SignInOutcome(SignInState.Stale);
    }

    private SignInOutcome Locked(TimeSpan wait)
    {
        _metrics.SignInFailed("locked");
        return new SignInOutcome(SignInState.Locked, Wait: wait);
    }

    private SignInOutcome Malformed(HttpContext context, string reason)
    {
        _metrics.SignInFailed("malformed");
        _log.MalformedSignIn(Address(context), reason);
        return new SignInOutcome(SignInState.Challenge);
    }

    private static bool IsReading(string method)
    {
        return HttpMethods.IsGet(method)
            || HttpMethods.IsHead(method)
            || HttpMethods.IsOptions(method)
            || method.Equals("PROPFIND", StringComparison.OrdinalIgnoreCase);
    }

    private static string Hash(bool sha256, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }

    // Names come from unknown clients and go into a log: one line, whatever they hold.
    private static string Printable(string name)
    {
        return string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
    }

    private static string Address(HttpContext context)
    {
        return context.Connection.RemoteIpAddress is { } address ? ClientAddress.Plain(address).ToString() : "?";
    }
}
