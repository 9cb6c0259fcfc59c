using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Distribyted.Http.Clients;
using Distribyted.Http.Users;

namespace Distribyted.Web.Connect;

/// <summary>Asks our own WebDAV listener as a client on this machine would. Goes nowhere else.</summary>
internal sealed class LoopbackClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly HttpUser? _user;

    /// <param name="address">Of the listener; its certificate is not checked, since it is our own and made for other names.</param>
    /// <param name="user">Who signs in; null: without a sign-in.</param>
    public LoopbackClient(Uri address, HttpUser? user)
    {
        _user = user;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions = new SslClientAuthenticationOptions
            {
#pragma warning disable CA5359, MA0039 // the connection never leaves this machine
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359, MA0039
            },
        };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", RecentRequests.OwnUserAgent);
    }

    /// <summary>Sends without signing in. Only the head of the answer is read.</summary>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    public async Task<HttpResponseMessage> AskAsync(
        string method,
        string target,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] headers
    )
    {
        using var request = Request(method, target, headers);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Sends, and signs in with Digest if that is asked for.</summary>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        string method,
        string target,
        bool sha256,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] headers
    )
    {
        var first = await AskAsync(method, target, cancellationToken, headers);
        var wanted = sha256 ? "SHA-256" : "MD5";
        var challenge = first.Headers.WwwAuthenticate.FirstOrDefault(c =>
            c.Scheme == "Digest" && c.Parameter?.Contains($"algorithm={wanted}", StringComparison.Ordinal) == true
        );
        if (first.StatusCode != HttpStatusCode.Unauthorized || _user is null || challenge is null)
        {
            return first;
        }

        first.Dispose();
        using var request = Request(method, target, headers);
        request.Headers.Authorization = DigestAnswer.Make(_user, DigestAnswer.Nonce(challenge.Parameter!) ?? "", sha256, method, target);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public void Dispose()
    {
        _http.Dispose();
    }

    private static HttpRequestMessage Request(string method, string target, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), target);
        foreach (var (name, value) in headers)
        {
            if (name == "Range")
            {
                request.Headers.Range = RangeHeaderValue.Parse(value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }
}
