using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Distribyted.Tests.Hosting;

/// <summary>What the daemon believes a reverse proxy, and how its answers look below a path. The test is the proxy.</summary>
[CancelAfter(60_000)]
internal sealed class ReverseProxyTests
{
    private const string Page = "text/html";

    [Test]
    public async Task Below_a_path_every_address_has_it_whether_the_proxy_takes_it_off_or_not(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "routes: [{name: films}]",
            http: "{port: 0, ip: 127.0.0.1, base_path: /torrents/}",
            cancellationToken: cancellationToken
        );

        foreach (var prefix in new[] { "", "/torrents" })
        {
            using var page = await SendAsync(bed, prefix + "/fs/films/?x=1", cancellationToken, isSignedIn: false, ("Accept", Page));
            Assert.That(page.Headers.Location?.OriginalString, Is.EqualTo("/torrents/login?return=%2Ftorrents%2Ffs%2Ffilms%2F%3Fx%3D1"));

            var login = await TextAsync(bed, prefix + "/login?return=%2Ftorrents%2Ffs%2F", cancellationToken, isSignedIn: false);
            Assert.That(login, Does.Contain("action=\"/torrents/login\"").And.Contain("value=\"/torrents/fs/\""));
            Assert.That(await TextAsync(bed, prefix + "/fs/films", cancellationToken), Does.Contain("<a href=\"/torrents/fs/\">"));
            Assert.That(await TextAsync(bed, prefix + "/fs", cancellationToken), Does.Contain("<a href=\"/torrents/fs/films/\">"));
            Assert.That(await TextAsync(bed, prefix + "/", cancellationToken), Does.Contain("<base href=\"/torrents/\""));
            Assert.That(await TextAsync(bed, prefix + "/api/routes", cancellationToken), Does.Contain("films"));
            Assert.That(await TextAsync(bed, prefix + "/health", cancellationToken, isSignedIn: false), Does.Contain("ok"));
            using var description = JsonDocument.Parse(await TextAsync(bed, prefix + "/api/v1/openapi.json", cancellationToken));
            Assert.That(description.RootElement.GetProperty("servers")[0].GetProperty("url").GetString(), Is.EqualTo("/torrents/"));
            using var missing = await SendAsync(bed, prefix + "/api/v1/nothing", cancellationToken);
            Assert.That((int)missing.StatusCode, Is.EqualTo(404));
        }

        using var elsewhere = await SendAsync(bed, "/torrentsx/fs", cancellationToken);
        Assert.That((int)elsewhere.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task Digest_works_with_the_address_that_the_client_sees(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            http: "{port: 0, ip: 127.0.0.1, base_path: /torrents}",
            cancellationToken: cancellationToken
        );
        using var asked = await SendAsync(bed, "/api/routes", cancellationToken, isSignedIn: false);
        var nonce = asked.Headers.WwwAuthenticate.ToString().Split("nonce=\"")[1].Split('"')[0];
        const string Uri = "/torrents/api/routes";
        var secret = Hash($"{Hash("anna:distribyted:a long one")}:{nonce}:00000001:c:auth:{Hash("GET:" + Uri)}");
        var digest =
            $"Digest username=\"anna\", realm=\"distribyted\", nonce=\"{nonce}\", uri=\"{Uri}\", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\", response=\"{secret}\"";

        foreach (
            var (path, status) in new[]
            {
                ("/torrents/api/routes", 200),
                ("/api/routes", 200),
                ("/api/status", 401),
                ("/torrents/api/status", 401),
            }
        )
        {
            using var answer = await SendAsync(bed, path, cancellationToken, isSignedIn: false, ("Authorization", digest));

            Assert.That((int)answer.StatusCode, Is.EqualTo(status), path);
        }
    }

    [Test]
    public async Task A_trusted_proxy_says_who_its_client_is_and_how_it_is_called(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            http: "{port: 0, ip: 127.0.0.1, allowed_hosts: [media.example.org], trusted_proxies: [127.0.0.0/8, 10.1.2.3]}",
            cancellationToken: cancellationToken
        );
        (string, string)[] forwarded =
        [
            ("Accept", Page),
            ("X-Forwarded-For", "203.0.113.7, 10.1.2.3"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "media.example.org"),
            ("X-Forwarded-Prefix", "/torrents/"),
        ];

        using var login = await SendAsync(bed, "/login", cancellationToken, isSignedIn: false, forwarded);
        using var page = await SendAsync(bed, "/fs/", cancellationToken, isSignedIn: false, forwarded);
        using var playlist = await SendAsync(bed, "/api/v1/connect", cancellationToken, isSignedIn: true, forwarded);

        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        Assert.That(
            cookie,
            Does.StartWith("__Secure-distribyted-form=").And.Contain("path=/torrents;").And.Contain("secure").And.Contain("httponly")
        );
        Assert.That(page.Headers.Location?.OriginalString, Is.EqualTo("/torrents/login?return=%2Ftorrents%2Ffs%2F"));
        Assert.That(await playlist.Content.ReadAsStringAsync(cancellationToken), Does.Contain("https://media.example.org/torrents/"));
    }

    [Test]
    public async Task Without_a_path_the_cookie_of_https_is_of_this_host_alone(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            http: "{port: 0, ip: 127.0.0.1, trusted_proxies: 127.0.0.1}",
            cancellationToken: cancellationToken
        );

        using var login = await SendAsync(
            bed,
            "/login",
            cancellationToken,
            isSignedIn: false,
            ("X-Forwarded-Proto", "https"),
            ("Host", "nas")
        );

        Assert.That(
            login.Headers.GetValues("Set-Cookie").Single(),
            Does.Match("^__Host-distribyted-form=[A-Za-z0-9_-]{43}; path=/; secure; samesite=strict; httponly$")
        );
    }

    [Test]
    public async Task Of_others_nothing_is_believed(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            http: "{port: 0, ip: 127.0.0.1, trusted_proxies: [10.0.0.0/8]}",
            cancellationToken: cancellationToken
        );

        using var login = await SendAsync(
            bed,
            "/login",
            cancellationToken,
            isSignedIn: false,
            ("X-Forwarded-For", "203.0.113.7"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Prefix", "/torrents")
        );

        Assert.That((int)login.StatusCode, Is.EqualTo(200));
        Assert.That(login.Headers.GetValues("Set-Cookie").Single(), Does.Not.Contain("secure").And.Not.Contain("torrents"));
    }

    [TestCase(true, false)]
    [TestCase(true, true)]
    [TestCase(false, false)]
    public async Task The_lock_out_is_for_the_client_and_not_for_all_behind_the_proxy(
        bool isTrusted,
        bool isWebDav,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await DaemonBed.StartAsync(
            http: $"{{port: 0, ip: 127.0.0.1, trusted_proxies: [{(isTrusted ? "127.0.0.1" : "10.0.0.1")}]}}",
            cancellationToken: cancellationToken
        );
        var listener = isWebDav ? bed.Dav : bed.Web;
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await SendAsync(listener, $"anna:wrong {i}", "203.0.113.7, 198.51.100.1", cancellationToken);
            Assert.That((int)wrong.StatusCode, Is.EqualTo(401));
        }

        using var guesser = await SendAsync(listener, "anna:a long one", "198.51.100.1", cancellationToken);
        using var named = await SendAsync(listener, "anna:a long one", "203.0.113.7", cancellationToken);

        Assert.That((int)guesser.StatusCode, Is.EqualTo(429));
        Assert.That((int)named.StatusCode, isTrusted ? Is.EqualTo(200) : Is.EqualTo(429), "whom the guesser named himself");
    }

    [Test]
    public async Task What_a_trusted_proxy_sends_is_never_taken_for_this_machine(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "auth: {trust_loopback: true}",
            http: "{port: 0, ip: 127.0.0.1, trusted_proxies: [127.0.0.1]}",
            cancellationToken: cancellationToken
        );

        using var own = await SendAsync(bed, "/api/routes", cancellationToken, isSignedIn: false);
        using var others = await SendAsync(bed, "/api/routes", cancellationToken, isSignedIn: false, ("X-Forwarded-For", "127.0.0.1"));

        Assert.That(((int)own.StatusCode, (int)others.StatusCode), Is.EqualTo((200, 401)));
    }

    [Test]
    public async Task Https_of_a_trusted_proxy_is_https(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "auth: {require_tls: true}",
            http: "{port: 0, ip: 127.0.0.1, tls_port: 0, trusted_proxies: [127.0.0.1]}",
            cancellationToken: cancellationToken
        );

        using var plain = await SendAsync(bed, "/api/routes", cancellationToken);
        using var tls = await SendAsync(bed, "/api/routes", cancellationToken, isSignedIn: true, ("X-Forwarded-Proto", "https"));

        Assert.That(((int)plain.StatusCode, (int)tls.StatusCode), Is.EqualTo((403, 200)));
    }

    private static string Hash(string text)
    {
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static async Task<string> TextAsync(DaemonBed bed, string path, CancellationToken cancellationToken, bool isSignedIn = true)
    {
        using var answer = await SendAsync(bed, path, cancellationToken, isSignedIn);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), path);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    private static Task<HttpResponseMessage> SendAsync(
        DaemonBed bed,
        string path,
        CancellationToken cancellationToken,
        bool isSignedIn = true,
        params (string Name, string Value)[] headers
    )
    {
        return SendAsync(new Uri(bed.Web, path), isSignedIn ? "anna:a long one" : "", headers, cancellationToken);
    }

    private static Task<HttpResponseMessage> SendAsync(Uri address, string user, string forwardedFor, CancellationToken cancellationToken)
    {
        return SendAsync(address, user, [("X-Forwarded-For", forwardedFor)], cancellationToken);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        Uri address,
        string user,
        (string Name, string Value)[] headers,
        CancellationToken cancellationToken
    )
    {
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
            }
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (user.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, cancellationToken);
    }
}
