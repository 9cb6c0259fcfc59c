using System.Globalization;
using System.Text;
using Distribyted.Http.Bodies;
using Distribyted.Http.Listeners;
using Distribyted.Http.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Distribyted.Http.Authentication;

/// <summary>The one authentication scheme of all listeners. One handler, so that challenges have one order: Digest SHA-256, Digest MD5, Basic
/// (ffmpeg takes the last Digest header and knows only MD5; curl and neon choose well from this order).</summary>
internal sealed class SignInHandler : IAuthenticationHandler
{
    private const string BasicChallenge = $"Basic realm=\"{HttpUser.Realm}\", charset=\"UTF-8\"";

    private readonly SignIn _signIn;
    private readonly DigestNonce _nonces;
    private readonly HttpAccessOptions _options;
    private HttpContext _context = null!;
    private SignInOutcome? _outcome;

    public SignInHandler(SignIn signIn, DigestNonce nonces, HttpAccessOptions options)
    {
        _signIn = signIn;
        _nonces = nonces;
        _options = options;
    }

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync()
    {
        if (_outcome is not { } outcome)
        {
            _outcome = outcome = _signIn.Authenticate(_context); // once a request: a wrong password asked for twice is one wrong password
            if (outcome.Session is { } session)
            {
                OpenRequest.Begin(_context, session);
            }
        }

        return outcome.State == SignInState.Accepted ? Task.FromResult(outcome.Result!) : NoResult;
    }

    public Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var outcome = _outcome ??= _signIn.Authenticate(_context);
        return outcome.State switch
        {
            SignInState.Locked => LockedAsync(outcome.Wait),
            SignInState.TlsRequired => AnswerAsync(StatusCodes.Status403Forbidden, $"Signing in is done over https here: {TlsAddress()}\n"),
            SignInState.Misdirected => AnswerAsync(
                StatusCodes.Status421MisdirectedRequest,
                "This name is not known here. Use the address of this machine, or put the name into http.allowed_hosts.\n"
            ),
            SignInState.Challenge when PageRequest.IsForPage(_context) => ToSignInPageAsync(),
            _ => ChallengedAsync(outcome.State == SignInState.Stale),
        };
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        return AnswerAsync(StatusCodes.Status403Forbidden, "This user may not do that.\n");
    }

    private static readonly Task<AuthenticateResult> NoResult = Task.FromResult(AuthenticateResult.NoResult());

    private Task ChallengedAsync(bool stale)
    {
        if (PageRequest.IsOfPage(_context))
        {
            // A browser would ask for a name and a password in a window of its own, over the page that can send its user to ours.
            _context.Response.Headers.WWWAuthenticate = SignInPages.Challenge;
        }
        else if (_options.Digest)
        {
            var nonce = _nonces.Create();
            _context.Response.Headers.WWWAuthenticate = new StringValues([
                Digest("SHA-256", nonce, stale),
                Digest("MD5", nonce, stale),
                BasicChallenge,
            ]);
        }
        else
        {
            _context.Response.Headers.WWWAuthenticate = BasicChallenge;
        }

        return AnswerAsync(StatusCodes.Status401Unauthorized, "Sign in with a user and a password of this server.\n");
    }

    private Task ToSignInPageAsync()
    {
        _context.Response.Headers.CacheControl = "no-store";
        _context.Response.StatusCode = StatusCodes.Status302Found;
        _context.Response.Headers.Location = SignInPages.Address(_context);
        return Task.CompletedTask;
    }

    private Task LockedAsync(TimeSpan wait)
    {
        _context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return AnswerAsync(StatusCodes.Status429TooManyRequests, "Too many wrong passwords. Try again later.\n");
    }

    // As the client calls this machine: it may be behind a port mapping, but then its owner knows.
    private string TlsAddress()
    {
        return _options.TlsPort(_context.Listener()) is { } port && _context.Request.Host is { Host.Length: > 0 } host
            ? $"https://{host.Host}:{port}/"
            : "this port has none; ask whoever runs it.";
    }

    private static string Digest(string algorithm, string nonce, bool stale)
    {
        return $"Digest realm=\"{HttpUser.Realm}\", qop=\"auth\", algorithm={algorithm}, nonce=\"{nonce}\", charset=UTF-8{(stale ? ", stale=true" : "")}";
    }

    private Task AnswerAsync(int status, string text)
    {
        if (_context.GetEndpoint()?.Metadata.GetMetadata<IRefusalBody>() is { } body)
        {
            return body.SendAsync(_context, status, text.TrimEnd());
        }

        _context.Response.Headers.CacheControl = "no-store";
        return WholeBody.SendAsync(_context, status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));
    }
}
