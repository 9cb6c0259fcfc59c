using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Tests.Hosting;

/// <summary>What holds for every address of the web listener, pages and API: the program itself reports the list, so that a new one is covered without a line here.</summary>
[CancelAfter(300_000)]
internal sealed partial class WebContractTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";
    private const string Page = "text/html,application/xhtml+xml";
    private static readonly string[] Unsafe = ["POST", "PUT", "PATCH", "DELETE"];
    private static readonly string[] Types =
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "application/x-bittorrent",
    ];

    // What the page of another site can make a browser send: with a cookie nothing is missing, nor strange.
    private static readonly (string Name, string Value)[][] Elsewhere =
    [
        [],
        [("Origin", "https://evil.example")],
        [("Origin", "null")],
        [("Origin", "http://127.0.0.1:1")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site"), ("Origin", "http://127.0.0.1:1")],
    ];

    private DaemonBed _bed = null!;
    private HttpClient _client = null!;
    private string _cookie = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _bed = await DaemonBed.StartAsync("routes: [{name: films}]");
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
            }
        )
        {
            BaseAddress = _bed.Web,
        };
        _cookie = await SignInAsync();
        using var loaded = await SendAsync("GET", "/api/v1/routes", CancellationToken.None, headers: [("Cookie", _cookie)]);
        Assert.That((int)loaded.StatusCode, Is.EqualTo(200));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _client.Dispose();
        await _bed.DisposeAsync();
    }

    [Test]
    public async Task Without_a_sign_in_only_health_and_the_page_for_it_answer(CancellationToken cancellationToken)
    {
        foreach (var (method, address) in Addresses())
        {
            using var program = await SendAsync(method, address, cancellationToken);
            using var browser = await SendAsync(method, address, cancellationToken, headers: [("Accept", Page)]);

            var isRead = method is "GET" or "HEAD";
            switch (address.Split('/')[1])
            {
                case "health":
                    Assert.That((int)program.StatusCode, isRead ? Is.EqualTo(200) : Is.EqualTo(405), $"{method} {address}");
                    break;
                case "login":
                    Assert.That((int)program.StatusCode, isRead ? Is.EqualTo(200) : Is.EqualTo(400).Or.EqualTo(405), $"{method} {address}");
                    break;
                case "logout":
                    Assert.That((int)program.StatusCode, Is.EqualTo(303).Or.EqualTo(405), $"{method} {address}");
                    break;
                default:
                    Assert.That((int)program.StatusCode, Is.EqualTo(401), $"{method} {address}");
                    Assert.That(program.Headers.WwwAuthenticate.ToString(), Does.Contain("Basic"), $"{method} {address}");
                    Assert.That((int)browser.StatusCode, Is.EqualTo(isRead ? 302 : 401), $"{method} {address}");
                    Assert.That(
                        browser.Headers.Location?.OriginalString,
                        isRead ? Does.StartWith("/login") : Is.Null,
                        $"{method} {address}"
                    );
                    break;
            }
        }
    }

    [Test]
    public async Task With_the_cookie_no_page_of_another_site_changes_anything(CancellationToken cancellationToken)
    {
        foreach (var address in Addresses().Select(static a => a.Address).Distinct(StringComparer.Ordinal))
        {
            foreach (var (method, type) in Unsafe.SelectMany(static method => Types.Select(type => (method, type))))
            {
                foreach (var from in Elsewhere)
                {
                    using var answer = await SendAsync(method, address, cancellationToken, type, [.. from, ("Cookie", _cookie)]);

                    Assert.That((int)answer.StatusCode, Is.EqualTo(403), $"{method} {address} {type} {string.Join(' ', from)}");
                }
            }
        }
    }

    [Test]
    public async Task With_a_password_that_the_browser_keeps_no_page_of_another_site_changes_anything(CancellationToken cancellationToken)
    {
        var basic = "Basic " + Convert.ToBase64String("anna:a long one"u8);
        foreach (var address in Addresses().Select(static a => a.Address).Distinct(StringComparer.Ordinal))
        {
            foreach (var from in Elsewhere.Where(static from => from.Length > 0))
            {
                using var answer = await SendAsync("POST", address, cancellationToken, "text/plain", [.. from, ("Authorization", basic)]);

                Assert.That((int)answer.StatusCode, Is.EqualTo(403), $"{address} {string.Join(' ', from)}");
            }
        }
    }

    [Test]
    public async Task Every_answer_says_what_a_browser_may_do_with_it(CancellationToken cancellationToken)
    {
        foreach (
            var (method, address) in Addresses()
                .Append(("GET", "/nothing"))
                .Append(("GET", "/api/v1/nothing"))
                .Append(("GET", "/api/v1/docs/"))
        )
        {
            using var answer = await SendAsync(method, address, cancellationToken, headers: [("Cookie", _cookie), ("Origin", Origin)]);
            using var refused = await SendAsync(method, address, cancellationToken);

            foreach (var one in new[] { answer, refused })
            {
                var where = $"{method} {address} {(int)one.StatusCode}";
                Assert.That(Header(one, "X-Content-Type-Options"), Is.EqualTo("nosniff"), where);
                Assert.That(Header(one, "Referrer-Policy"), Is.EqualTo("same-origin").Or.EqualTo("no-referrer"), where);
                Assert.That(Header(one, "Cross-Origin-Resource-Policy"), Is.EqualTo("same-origin"), where);
                Assert.That(Header(one, "Cross-Origin-Opener-Policy"), Is.EqualTo("same-origin"), where);
                Assert.That(Header(one, "Permissions-Policy"), Does.Contain("camera=()"), where);
                var policy = Header(one, "Content-Security-Policy");
                Assert.That(policy, Does.Contain("default-src 'none'").And.Contain("frame-ancestors 'none'"), where);
                Assert.That(policy, Does.Not.Contain("unsafe-eval").And.Not.Match("script-src[^;]*unsafe").And.Not.Contain("http"), where);
            }
        }
    }

    [TestCase("evil.example")]
    [TestCase("evil.example:4444")]
    [TestCase("127.0.0.1.evil.example")]
    public async Task Under_a_name_of_others_a_browser_gets_nothing(string host, CancellationToken cancellationToken)
    {
        var value = _cookie.Split('=')[1];
        var cookies = $"distribyted={value}; distribyted-4444={value}";
        foreach (var (method, address) in Addresses().Where(static a => !a.Address.StartsWith("/health", StringComparison.Ordinal)))
        {
            using var page = await SendAsync(method, address, cancellationToken, headers: [("Host", host), ("Accept", Page)]);
            using var withCookie = await SendAsync(
                method,
                address,
                cancellationToken,
                headers: [("Host", host), ("Cookie", cookies), ("Origin", "http://" + host)]
            );

            Assert.That((int)page.StatusCode, method is "GET" or "HEAD" ? Is.EqualTo(421) : Is.AnyOf(401, 405, 421), $"{method} {address}");
            Assert.That((int)withCookie.StatusCode, Is.AnyOf(421, 405), $"{method} {address}");
        }
    }

    [Test]
    public async Task A_body_that_is_too_deep_is_refused_everywhere(CancellationToken cancellationToken)
    {
        var text = string.Concat(Enumerable.Repeat("{\"sources\":[", 50_000));
        var body = System.Text.Encoding.UTF8.GetBytes(text);
        foreach (var (method, address) in Addresses().Where(static a => Unsafe.Contains(a.Method)))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
            request.Headers.Add("Cookie", _cookie);
            request.Headers.Add("Origin", Origin);
            request.Headers.ExpectContinue = true;
            HttpResponseMessage? answer = null;
            try
            {
                answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            }
            catch (HttpRequestException)
            {
                continue; // it closed the connection instead of reading on
            }

            using (answer)
            {
                var isSignPage = address is "/login" or "/logout";
                Assert.That((int)answer.StatusCode, Is.InRange(isSignPage ? 300 : 400, 499), $"{method} {address}");
            }

            if (address == "/logout")
            {
                _cookie = await SignInAsync();
            }
        }

        using var alive = await SendAsync("GET", "/api/v1/routes", cancellationToken, headers: [("Cookie", _cookie)]);
        Assert.That((int)alive.StatusCode, Is.EqualTo(200));
    }

    [TestCase("/fs/%0d%0aX-Injected:%20x")]
    [TestCase("/login?return=%2F%0d%0aX-Injected:%20x")]
    [TestCase("/api/v1/routes/%0d%0aX-Injected:%20x")]
    [TestCase("/api/v1/torrents?q=%0d%0aX-Injected:%20x")]
    [TestCase("/%0d%0aX-Injected:%20x")]
    [TestCase("/files/%0d%0aX-Injected:%20x")]
    public async Task No_address_puts_a_header_into_the_answer(string address, CancellationToken cancellationToken)
    {
        foreach (var cookie in new[] { "", _cookie })
        {
            using var answer = await SendAsync("GET", address, cancellationToken, headers: [("Cookie", cookie), ("Accept", Page)]);

            Assert.That(answer.Headers.Contains("X-Injected"), Is.False);
            Assert.That((int)answer.StatusCode, Is.LessThan(500));
        }
    }

    [Test]
    public async Task A_session_ends_with_its_password_and_lives_over_a_restart(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            string cookie;
            await using (var first = await DaemonBed.StartAsync(folder: folder, cancellationToken: cancellationToken))
            {
                cookie = (await SignInAsync(first.Web, "a long one")).Split('=')[1];
            }

            foreach (var (password, status) in new[] { ("a long one", 200), ("another one", 401), ("a long one", 401) })
            {
                await using var again = await DaemonBed.StartAsync(
                    webdav: $"{{port: 0, ip: 127.0.0.1, user: anna, pass: {password}}}",
                    folder: folder,
                    cancellationToken: cancellationToken
                );
                using var answer = await SendAsync(
                    "GET",
                    new Uri(again.Web, "/api/routes").AbsoluteUri,
                    cancellationToken,
                    headers: [("Cookie", $"distribyted-{again.Web.Port}={cookie}")]
                );

                Assert.That((int)answer.StatusCode, Is.EqualTo(status), password);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Origin => _bed.Web.GetLeftPart(UriPartial.Authority);

    private Task<string> SignInAsync()
    {
        return SignInAsync(_bed.Web, "a long one");
    }

    private async Task<string> SignInAsync(Uri web, string password)
    {
        using var page = await SendAsync("GET", new Uri(web, "/login").AbsoluteUri, CancellationToken.None);
        var form = page.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var token = Token().Match(await page.Content.ReadAsStringAsync(CancellationToken.None)).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(web, "/login"))
        {
            Content = new FormUrlEncodedContent([
                KeyValuePair.Create("name", "anna"),
                KeyValuePair.Create("password", password),
                KeyValuePair.Create("token", token),
            ]),
        };
        request.Headers.Add("Cookie", form);
        using var answer = await _client.SendAsync(request, CancellationToken.None);
        Assert.That((int)answer.StatusCode, Is.EqualTo(303));
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private async Task<HttpResponseMessage> SendAsync(
        string method,
        string address,
        CancellationToken cancellationToken,
        string type = "",
        (string Name, string Value)[]? headers = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (type.Length > 0)
        {
            request.Content = new ByteArrayContent("{}"u8.ToArray());
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        foreach (var (name, value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static string Header(HttpResponseMessage answer, string name)
    {
        return answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
    }

    private List<(string Method, string Address)> Addresses()
    {
        var endpoints = _bed.Daemon.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
        var all = endpoints.SelectMany(Addresses).Distinct().ToList();
        Assert.That(all, Has.Count.GreaterThan(80));
        return all;
    }

    private static IEnumerable<(string Method, string Address)> Addresses(RouteEndpoint endpoint)
    {
        var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
        var isRest = pattern is "/api/v1/{**path}" || pattern.Contains(":nonfile", StringComparison.Ordinal); // what no other endpoint takes
        var address = Parameters().Replace(Hashes().Replace(pattern, Hash), "1");
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"];
        return isRest ? [] : methods.Select(method => (method, address));
    }

    [GeneratedRegex(@"\{hash[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Hashes();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Parameters();

    [GeneratedRegex("name=\"token\" value=\"([^\"]*)\"", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Token();
}
