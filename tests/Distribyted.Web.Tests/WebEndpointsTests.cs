using System.Net;
using System.Text.Json;
using Distribyted.Http.Users;
using Distribyted.Testing;

namespace Distribyted.Web.Tests;

/// <summary>What every address has in common: sign-in, methods, problem bodies and rights. The resources have fixtures of their own in <c>Api/</c>.</summary>
[TestFixture]
public sealed class WebEndpointsTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "FROB"];

    private static readonly (string Address, string Allow, bool IsOpen)[] Addresses =
    [
        ("/api/status", "GET, HEAD", false),
        ("/api/routes", "GET, HEAD", false),
        ("/api/routes/films/torrent", "POST", false),
        ("/api/routes/films/torrent/" + Hash, "DELETE", false),
        ("/api/servers", "GET, HEAD", false),
        ("/api/log?follow=false", "GET, HEAD", false),
        ("/fs", "GET, HEAD", false),
        ("/fs/films", "GET, HEAD", false),
        ("/health", "GET, HEAD", true),
        ("/health/live", "GET, HEAD", true),
        ("/health/ready", "GET, HEAD", true),
    ];

    private WebBed _bed = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _bed = await WebBed.StartAsync(CancellationToken.None, tree: Tree());
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _bed.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task Everything_but_health_needs_a_sign_in(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _bed.Client.BaseAddress };
        foreach (var (address, allow, isOpen) in Addresses)
        {
            using var request = new HttpRequestMessage(new HttpMethod(allow.Split(',')[0]), address);
            using var response = await client.SendAsync(request, cancellationToken);

            Assert.That(response.StatusCode, Is.EqualTo(isOpen ? HttpStatusCode.OK : HttpStatusCode.Unauthorized), address);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_method_that_an_address_does_not_take_is_405_with_Allow(CancellationToken cancellationToken)
    {
        foreach (var (address, allow, _) in Addresses)
        {
            foreach (var method in Methods.Except(allow.Split(", ")))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), address);
                using var response = await _bed.Client.SendAsync(request, cancellationToken);

                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed), address);
                Assert.That(response.Content.Headers.Allow, Is.EqualTo(allow.Split(", ")), address);
                if (method != "HEAD")
                {
                    await AssertProblemAsync(response, 405, cancellationToken);
                }
            }
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_can_be_got_has_a_HEAD_without_a_body(CancellationToken cancellationToken)
    {
        foreach (var (address, allow, _) in Addresses)
        {
            if (allow == "GET, HEAD")
            {
                Assert.That(await _bed.SendAsync("HEAD", address, cancellationToken), Is.EqualTo((200, "")), address);
            }
        }
    }

    [TestCase("GET", "/nothing", "", 404)]
    [TestCase("GET", "/api/nothing", "", 404)]
    [TestCase("PUT", "/nothing", "", 404)]
    [TestCase("POST", "/api/routes/films/torrent", "", 400)]
    [TestCase("POST", "/api/routes/films/torrent", "no JSON", 400)]
    [TestCase("POST", "/api/routes/films/torrent", "{}", 400)]
    [TestCase("POST", "/api/routes/films/torrent", "{\"magnet\": \"no magnet\"}", 400)]
    [TestCase("POST", "/api/routes/films/torrent", "{\"url\": \"http://127.0.0.1/x.torrent\"}", 400)]
    [TestCase("DELETE", "/api/routes/films/torrent/no-hash", "", 400)]
    [TestCase("DELETE", "/api/routes/films/torrent/" + Hash, "", 400)]
    [CancelAfter(60_000)]
    public async Task Mistakes_are_problem_documents(
        string method,
        string address,
        string body,
        int status,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (method == "POST")
        {
            request.Content = new StringContent(body);
        }

        using var response = await _bed.Client.SendAsync(request, cancellationToken);

        await AssertProblemAsync(response, status, cancellationToken);
    }

    [TestCase(UserRights.Full, "", true, true, true)]
    [TestCase(UserRights.Read, "", false, true, false)]
    [TestCase(UserRights.Full, "films", true, true, false)]
    [TestCase(UserRights.Read, "films", false, true, false)]
    [TestCase(UserRights.Full, "music", false, false, false)]
    [CancelAfter(60_000)]
    public async Task Rights_decide_what_a_user_changes_and_sees(
        UserRights rights,
        string route,
        bool changes,
        bool sees,
        bool seesAll,
        CancellationToken cancellationToken
    )
    {
        var user = HttpUser.Create("anna", "secret", rights, route.Length > 0 ? [route] : []);
        await using var bed = await WebBed.StartAsync(cancellationToken, user: user, tree: Tree());

        using var body = new StringContent("{}");
        var add = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, body);
        var remove = await bed.SendAsync("DELETE", "/api/routes/films/torrent/" + Hash, cancellationToken);
        var file = await bed.SendAsync("GET", "/fs/films/a.mkv", cancellationToken);
        var log = await bed.SendAsync("GET", "/api/log?follow=false", cancellationToken);
        var servers = await bed.SendAsync("GET", "/api/servers", cancellationToken);
        var status = await bed.SendAsync("GET", "/api/status", cancellationToken);

        Assert.That((add.Status, remove.Status), Is.EqualTo(changes ? (400, 400) : (403, 403)), add.Text);
        Assert.That(file.Status, Is.EqualTo(sees ? 200 : 404));
        Assert.That(log.Status, Is.EqualTo(seesAll ? 200 : 403));
        Assert.That((status.Status, servers.Status, servers.Text), Is.EqualTo((200, 200, "[]")));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_change_from_the_page_of_another_site_is_refused(CancellationToken cancellationToken)
    {
        var (status, text) = await _bed.SendAsync(
            "DELETE",
            "/api/routes/films/torrent/" + Hash,
            cancellationToken,
            headers: ("Sec-Fetch-Site", "cross-site")
        );

        Assert.That(status, Is.EqualTo(403));
        Assert.That(text, Does.Contain("another site"));
    }

    private static MemoryFs Tree()
    {
        var store = new MemoryFs();
        store.AddFile("/films/a.mkv", "0123456789"u8.ToArray());
        return store;
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, int status, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.That((int)response.StatusCode, Is.EqualTo(status), text);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        using var problem = JsonDocument.Parse(text);
        Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(status));
        Assert.That(problem.RootElement.GetProperty("detail").GetString(), Is.Not.Empty);
        Assert.That(
            problem.RootElement.GetProperty("error").GetString(),
            Is.EqualTo(problem.RootElement.GetProperty("detail").GetString())
        );
    }
}
