using System.Net;
using System.Net.WebSockets;
using System.Text;

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
