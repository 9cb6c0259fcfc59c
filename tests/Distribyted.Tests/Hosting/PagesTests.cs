using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Distribyted.Tests.Hosting;

/// <summary>The pages of the real daemon.</summary>
[CancelAfter(120_000)]
internal sealed class PagesTests
{
    private static readonly string[] Addresses =
    [
        "",
        "routes",
        "torrents/0123456789abcdef0123456789abcdef01234567",
        "add",
        "files",
        "files/films/a",
        "connect",
        "servers",
        "logs",
        "settings",
        "about",
        "welcome",
    ];

    private DaemonBed _bed = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _bed = await DaemonBed.StartAsync("routes: [{name: films}]");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _bed.DisposeAsync();
    }

    [TestCaseSource(nameof(Addresses))]
    public async Task A_page_answers_with_a_whole_document_for_users_only(string address, CancellationToken cancellationToken)
    {
        using var unknown = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

        using var refused = await unknown.GetAsync(new Uri(_bed.Web, address), cancellationToken);
        using var answer = await _bed.Client.GetAsync(new Uri(_bed.Web, address), cancellationToken);

        var page = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.That((int)refused.StatusCode, Is.Not.EqualTo(200));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(page, Does.Contain("<base href=\"/\"").And.Contain("<h1").And.Contain("</html>"));
    }

    [TestCaseSource(nameof(Addresses))]
    public async Task HEAD_answers_as_GET_without_a_body(string address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(_bed.Web, address));
        using var head = await _bed.Client.SendAsync(request, cancellationToken);
        using var get = await _bed.Client.GetAsync(new Uri(_bed.Web, address), cancellationToken);

        Assert.That(head.StatusCode, Is.EqualTo(get.StatusCode));
        Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType));
        Assert.That(head.Headers.GetValues("Content-Security-Policy"), Is.EqualTo(get.Headers.GetValues("Content-Security-Policy")));
        Assert.That(await head.Content.ReadAsByteArrayAsync(cancellationToken), Is.Empty);
    }

    [TestCase("GET")]
    [TestCase("HEAD")]
    public async Task The_icon_is_where_browsers_look_for_it(string method, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_bed.Web, "favicon.ico"));
        using var answer = await _bed.Client.SendAsync(request, cancellationToken);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("image/svg+xml"));
    }

    // The specification of share targets asks for it also with GET; Chromium warns without it.
    [Test]
    public async Task The_manifest_says_how_what_is_shared_is_sent(CancellationToken cancellationToken)
    {
        using var manifest = JsonDocument.Parse(
            await _bed.Client.GetStringAsync(new Uri(_bed.Web, "_app/any/app.webmanifest"), cancellationToken)
        );

        var target = manifest.RootElement.GetProperty("share_target");
        Assert.That(target.GetProperty("enctype").GetString(), Is.EqualTo("application/x-www-form-urlencoded"));
    }

    [TestCase("Origin", "https://evil.example")]
    [TestCase("Origin", "null")]
    [TestCase("Origin", "http://127.0.0.1:1")]
    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Sec-Fetch-Site", "same-site")]
    public async Task The_page_of_another_site_opens_no_WebSocket(string name, string value, CancellationToken cancellationToken)
    {
        foreach (var address in new[] { "_blazor", "_blazor?id=x", "api/v1/events", "" })
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", _bed.Client.DefaultRequestHeaders.Authorization!.ToString());
            socket.Options.SetRequestHeader(name, value);
            socket.Options.CollectHttpResponseDetails = true;

            Assert.That(
                async () => await socket.ConnectAsync(new UriBuilder(new Uri(_bed.Web, address)) { Scheme = "ws" }.Uri, cancellationToken),
                Throws.InstanceOf<WebSocketException>()
            );
            Assert.That(socket.HttpStatusCode, Is.EqualTo(HttpStatusCode.Forbidden), address);
        }
    }

    [Test]
    public async Task What_a_page_loads_comes_from_here_and_is_kept_by_browsers(CancellationToken cancellationToken)
    {
        var page = await _bed.Client.GetStringAsync(_bed.Web, cancellationToken);
        var loaded = page.Split('"').Where(static text => text.StartsWith("_app/", StringComparison.Ordinal)).ToArray();

        Assert.That(page, Does.Not.Contain("\"http://").And.Not.Contain("\"https://").And.Not.Contain("\"//"));
        Assert.That(loaded, Has.Length.GreaterThanOrEqualTo(7));
        foreach (var address in loaded)
        {
            using var answer = await _bed.Client.GetAsync(new Uri(_bed.Web, address), cancellationToken);

            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), address);
            Assert.That(answer.Headers.CacheControl!.MaxAge, Is.EqualTo(TimeSpan.FromDays(365)), address);
            Assert.That(answer.Headers.ETag, Is.Not.Null, address);
        }
    }

    // A WebSocket's frames are masked, so they are not ASCII: they were taken for the head of the next request.
    [Test]
    public async Task Frames_of_a_WebSocket_arrive_as_they_were_sent(CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", _bed.Client.DefaultRequestHeaders.Authorization!.ToString());
        var address = new UriBuilder(new Uri(_bed.Web, "_blazor")) { Scheme = "ws" }.Uri;
        await socket.ConnectAsync(address, cancellationToken);
        var answer = new byte[100];

        await socket.SendAsync(
            Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"),
            WebSocketMessageType.Text,
            endOfMessage: true,
            cancellationToken
        );
        var received = await socket.ReceiveAsync(answer.AsMemory(), cancellationToken);

        Assert.That(Encoding.UTF8.GetString(answer, 0, received.Count), Is.EqualTo("{}\u001e"));
    }
}
