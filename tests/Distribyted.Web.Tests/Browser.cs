using System.Net;
using System.Text.RegularExpressions;

namespace Distribyted.Web.Tests;

/// <summary>What a browser does, as far as sign-in needs it: keeps cookies, asks for pages, sends forms with their hidden fields and Origin. Redirects are
/// not followed.</summary>
internal sealed partial class Browser : IDisposable
{
    private const string Page = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private readonly HttpClient _client;

    public Browser(Uri server)
    {
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = true,
                CookieContainer = Cookies,
                AllowAutoRedirect = false,
            }
        )
        {
            BaseAddress = server,
        };
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>The cookie of the session, if there is one.</summary>
    public Cookie? Session => Cookies.GetAllCookies().SingleOrDefault(static c => !c.Name.EndsWith("-form", StringComparison.Ordinal));

    /// <summary>Asks for a page, or for something else if <paramref name="accept"/> says so.</summary>
    public Task<HttpResponseMessage> GetAsync(string address, CancellationToken cancellationToken, string accept = Page)
    {
        return SendAsync("GET", address, null, cancellationToken, ("Accept", accept));
    }

    public async Task<HttpResponseMessage> SendAsync(
        string method,
        string address,
        HttpContent? content,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Gets a page with a form, and sends it with what its hidden fields hold.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(
        string address,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] fields
    )
    {
        using var page = await GetAsync(address, cancellationToken);
        var html = await page.Content.ReadAsStringAsync(cancellationToken);
        Assert.That((int)page.StatusCode, Is.EqualTo(200), html);
        var all = Hidden()
            .Matches(html)
            .ToDictionary(static m => m.Groups[1].Value, static m => WebUtility.HtmlDecode(m.Groups[2].Value), StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            all[name] = value;
        }

        var action = WebUtility.HtmlDecode(Action().Match(html).Groups[1].Value);
        using var form = new FormUrlEncodedContent(all);
        return await SendAsync("POST", action, form, cancellationToken, ("Accept", Page), ("Origin", Origin));
    }

    public async Task<HttpResponseMessage> SignInAsync(
        CancellationToken cancellationToken,
        string name = "anna",
        string password = "secret",
        string address = "/login"
    )
    {
        return await SubmitAsync(address, cancellationToken, ("name", name), ("password", password));
    }

    public string Origin => _client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    public void Dispose()
    {
        _client.Dispose();
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Hidden();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\">", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Action();
}
