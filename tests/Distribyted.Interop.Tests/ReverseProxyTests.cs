using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>A browser and programs that reach the daemon through nginx, Apache and caddy, with and without a path before everything.</summary>
[CancelAfter(120_000)]
internal sealed partial class ReverseProxyTests
{
    private const string Page = "text/html,application/xhtml+xml";

    [Test]
    public async Task Everything_works_behind_it(
        [Values("nginx", "apache2", "caddy")] string program,
        [Values("", "/torrents", "/torrents taken off")] string path,
        CancellationToken cancellationToken
    )
    {
        var prefix = path.Split(' ')[0];
        var isTakenOff = path.Contains(' ', StringComparison.Ordinal);
        using var folder = new TempFolder();
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            more: "routes: [{name: films}]",
            http: $"  trusted_proxies: [127.0.0.1]\n  base_path: \"{(isTakenOff ? "" : prefix)}\""
        );
        await using var proxy = await ReverseProxy.StartAsync(program, prefix, isTakenOff, folder, daemon, cancellationToken);
        var cookies = new CookieContainer();
        using var browser = Client(cookies, "127.0.0.1");

        await SignInAsync(browser, proxy, prefix, cancellationToken);
        await AssertApiAsync(browser, proxy, prefix, cancellationToken);
        await AssertFilesAsync(browser, proxy, prefix, cancellationToken);
        await AssertEventsAsync(browser, proxy, cancellationToken);
        await AssertWebSocketAsync(cookies, proxy, cancellationToken);
        await AssertMountAsync(daemon, proxy, cancellationToken);
        await AssertLockOutOfOneClientAsync(browser, proxy, cancellationToken);
    }

    private static async Task SignInAsync(HttpClient browser, ReverseProxy proxy, string prefix, CancellationToken cancellationToken)
    {
        using var first = await GetAsync(browser, new Uri(proxy.Web, "fs/films/"), Page, cancellationToken);
        Assert.That((int)first.StatusCode, Is.EqualTo(302));
        Assert.That(
            first.Headers.Location?.OriginalString,
            Does.EndWith($"{prefix}/login?return={Uri.EscapeDataString(prefix + "/fs/films/")}")
        );

        var address = new Uri(proxy.Web, first.Headers.Location!);
        using var page = await GetAsync(browser, address, Page, cancellationToken);
        var html = await page.Content.ReadAsStringAsync(cancellationToken);
        var action = new Uri(address, Action().Match(html).Groups[1].Value);
        using var form = new FormUrlEncodedContent([
            .. Hidden().Matches(html).Select(static m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value))),
            KeyValuePair.Create("name", "admin"),
            KeyValuePair.Create("password", "interop-secret"),
        ]);
        using var request = new HttpRequestMessage(HttpMethod.Post, action) { Content = form };
        request.Headers.Add("Origin", proxy.Web.GetLeftPart(UriPartial.Authority));
        using var answer = await browser.SendAsync(request, cancellationToken);

        Assert.That((int)answer.StatusCode, Is.EqualTo(303), await answer.Content.ReadAsStringAsync(cancellationToken));
        Assert.That(new Uri(proxy.Web, answer.Headers.Location!).AbsolutePath, Is.EqualTo(prefix + "/fs/films/"));
        Assert.That(answer.Headers.GetValues("Set-Cookie").Single(), Does.Contain($"path={(prefix.Length > 0 ? prefix : "/")};"));
    }

    private static async Task AssertApiAsync(HttpClient browser, ReverseProxy proxy, string prefix, CancellationToken cancellationToken)
    {
        Assert.That(await TextAsync(browser, new Uri(proxy.Web, "api/routes"), cancellationToken), Does.Contain("films"));
        using var description = JsonDocument.Parse(await TextAsync(browser, new Uri(proxy.Web, "api/v1/openapi.json"), cancellationToken));
        Assert.That(description.RootElement.GetProperty("servers")[0].GetProperty("url").GetString(), Is.EqualTo(prefix + "/"));

        foreach (
            var (origin, status) in new[] { (proxy.Web.GetLeftPart(UriPartial.Authority), 201), ("http://evil.example", 403), ("", 403) }
        )
        {
            using var body = new StringContent($"{{\"name\": \"made {status}\"}}", Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(proxy.Web, "api/v1/routes")) { Content = body };
            request.Headers.TryAddWithoutValidation("Origin", origin);
            using var answer = await browser.SendAsync(request, cancellationToken);

            Assert.That((int)answer.StatusCode, Is.EqualTo(status), origin);
            Assert.That(
                answer.Headers.Location?.OriginalString,
                status == 201 ? Does.EndWith($"{prefix}/api/v1/routes/made%20201") : Is.Null
            );
        }
    }

    // An empty route is a tar of two empty blocks: sent by the code that sends films.
    private static async Task AssertFilesAsync(HttpClient browser, ReverseProxy proxy, string prefix, CancellationToken cancellationToken)
    {
        Assert.That(
            await TextAsync(browser, new Uri(proxy.Web, "fs/"), cancellationToken),
            Does.Contain($"<a href=\"{prefix}/fs/films/\">")
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Web, "fs/films/?tar"));
        request.Headers.Range = new RangeHeaderValue(100, 299);
        using var part = await browser.SendAsync(request, cancellationToken);

        Assert.That((int)part.StatusCode, Is.EqualTo(206));
        Assert.That(part.Content.Headers.ContentRange?.From, Is.EqualTo(100));
        Assert.That(await part.Content.ReadAsByteArrayAsync(cancellationToken), Has.Length.EqualTo(200));
    }

    private static async Task AssertEventsAsync(HttpClient browser, ReverseProxy proxy, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Web, "api/v1/events"));
        request.Headers.Add("Accept", "text/event-stream");
        using var events = await browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.That(events.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        await using var stream = await events.Content.ReadAsStreamAsync(cancellationToken);

        Assert.That(
            await stream.ReadAsync(new byte[1], cancellationToken),
            Is.EqualTo(1),
            "the first event comes at once, although no other follows"
        );
    }

    private static async Task AssertWebSocketAsync(CookieContainer cookies, ReverseProxy proxy, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(new Uri(proxy.Web, "_blazor")) { Scheme = "ws" }.Uri;
        using var ours = new ClientWebSocket();
        ours.Options.Cookies = cookies;
        ours.Options.Proxy = null;
        ours.Options.SetRequestHeader("Origin", proxy.Web.GetLeftPart(UriPartial.Authority));
        await ours.ConnectAsync(address, cancellationToken);
        await ours.SendAsync(
            "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(),
            WebSocketMessageType.Text,
            endOfMessage: true,
            cancellationToken
        );
        var answer = new byte[100];
        var received = await ours.ReceiveAsync(answer.AsMemory(), cancellationToken);
        Assert.That(Encoding.UTF8.GetString(answer, 0, received.Count), Is.EqualTo("{}\u001e"));

        using var others = new ClientWebSocket();
        others.Options.Cookies = cookies;
        others.Options.Proxy = null;
        others.Options.SetRequestHeader("Origin", "http://evil.example");
        Assert.That(
            async () => await others.ConnectAsync(address, cancellationToken),
            Throws.InstanceOf<WebSocketException>().With.Message.Contain("403")
        );
    }

    private static async Task AssertMountAsync(Daemon daemon, ReverseProxy proxy, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri(proxy.Dav, "films/"));
        request.Headers.Add("Depth", "0");
        using var answer = await daemon.Http.SendAsync(request, cancellationToken);

        Assert.That((int)answer.StatusCode, Is.EqualTo(207));
        Assert.That(await answer.Content.ReadAsStringAsync(cancellationToken), Does.Contain("/films/"));
    }

    // Both clients come to the proxy by loopback, from two addresses of it.
    private static async Task AssertLockOutOfOneClientAsync(HttpClient browser, ReverseProxy proxy, CancellationToken cancellationToken)
    {
        using var guesser = Client(new CookieContainer(), "127.0.0.9");
        using var user = Client(new CookieContainer(), "127.0.0.1");
        for (var i = 0; i < 10; i++)
        {
            Assert.That(await StatusAsync(guesser, proxy.Web, $"admin:wrong {i}", cancellationToken), Is.EqualTo(401));
        }

        Assert.That(await StatusAsync(guesser, proxy.Web, "admin:interop-secret", cancellationToken), Is.EqualTo(429));
        Assert.That(await StatusAsync(user, proxy.Web, "admin:interop-secret", cancellationToken), Is.EqualTo(200));
        Assert.That(await TextAsync(browser, new Uri(proxy.Web, "api/routes"), cancellationToken), Does.Contain("films"));
    }

    private static HttpClient Client(CookieContainer cookies, string from)
    {
        return new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                CookieContainer = cookies,
                AllowAutoRedirect = false,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    try
                    {
                        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                        return new NetworkStream(socket, ownsSocket: true);
                    }
                    catch
                    {
                        socket.Dispose();
                        throw;
                    }
                },
            }
        );
    }

    private static async Task<int> StatusAsync(HttpClient client, Uri web, string user, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(web, "api/routes"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        using var answer = await client.SendAsync(request, cancellationToken);
        return (int)answer.StatusCode;
    }

    private static async Task<string> TextAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        using var answer = await GetAsync(client, address, "*/*", cancellationToken);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), address.AbsolutePath);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    private static async Task<HttpResponseMessage> GetAsync(
        HttpClient client,
        Uri address,
        string accept,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await client.SendAsync(request, cancellationToken);
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Hidden();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\">", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Action();
}
