using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Distribyted.Lab;

namespace Distribyted.Tests.Hosting;

/// <summary>Who may do what, through the real listeners.</summary>
[CancelAfter(60_000)]
internal sealed class SignInTests
{
    private static readonly LabContent Film = LabContent.Folder("A film", [new LabFile("film.mkv", 300_001)]);

    private DaemonBed _bed = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _bed = await DaemonBed.StartAsync(
            """
            auth:
              users:
                - {name: guest, pass: guest, rights: read}
                - {name: kid, pass: kid, rights: read, routes: [cartoons]}
                - {name: nanny, pass: nanny, rights: full, routes: [cartoons]}
            routes: [{name: cartoons}, {name: films}]
            servers: [{name: shared, path: ./nothing-here}]
            """
        );
        Assert.That(await PutAsync("anna", "a long one", "films", CancellationToken.None), Is.EqualTo(201));
        Assert.That(await PutAsync("anna", "a long one", "cartoons", CancellationToken.None), Is.EqualTo(201));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _bed.DisposeAsync();
    }

    [TestCase("anna", "a long one", "cartoons films")]
    [TestCase("guest", "guest", "cartoons films")]
    [TestCase("kid", "kid", "cartoons")]
    [TestCase("nanny", "nanny", "cartoons")]
    public async Task Both_listeners_show_the_routes_that_a_user_may_see(
        string user,
        string password,
        string routes,
        CancellationToken cancellationToken
    )
    {
        using var client = Client(user, password);

        var listed = await client.GetStringAsync(new Uri(_bed.Web, "api/routes"), cancellationToken);
        using var document = JsonDocument.Parse(listed);
        var names = document.RootElement.EnumerateArray().Select(r => r.GetProperty("name").GetString());

        Assert.That(string.Join(' ', names), Is.EqualTo(routes));
        foreach (var route in new[] { "cartoons", "films" })
        {
            var status = routes.Contains(route, StringComparison.Ordinal) ? 200 : 404;
            Assert.That(await StatusAsync(client, "GET", new Uri(_bed.Web, $"fs/{route}/"), cancellationToken), Is.EqualTo(status));
            Assert.That(await StatusAsync(client, "GET", new Uri(_bed.Dav, $"{route}/"), cancellationToken), Is.EqualTo(status));
            var film = new Uri(_bed.Dav, $"{route}/A%20film/film.mkv");
            Assert.That(await StatusAsync(client, "HEAD", film, cancellationToken), Is.EqualTo(status));
        }

        var root = await client.GetStringAsync(_bed.Dav, cancellationToken);
        Assert.That(root.Contains("films", StringComparison.Ordinal), Is.EqualTo(routes.Contains("films", StringComparison.Ordinal)));
    }

    [TestCase("guest", "cartoons", 403)]
    [TestCase("guest", "films", 403)]
    [TestCase("kid", "cartoons", 403)]
    [TestCase("kid", "films", 403)]
    [TestCase("nanny", "films", 403)]
    [TestCase("nanny", "new", 403)]
    [TestCase("nanny", "cartoons", 200)]
    [TestCase("nanny", "cartoons%2Fold", 200)]
    public async Task The_API_takes_changes_only_from_who_may_change_that_route(
        string user,
        string route,
        int status,
        CancellationToken cancellationToken
    )
    {
        using var client = Client(user, user);
        using var body = new ByteArrayContent(Film.CreateTorrent(64 << 10).Write());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");

        using var added = await client.PostAsync(new Uri(_bed.Web, $"api/routes/{route}/torrent"), body, cancellationToken);

        Assert.That((int)added.StatusCode, Is.EqualTo(status));
        if (status == 403)
        {
            var address = new Uri(_bed.Web, $"api/routes/{route}/torrent/{Film.CreateTorrent(64 << 10).Info.InfoHash}");
            Assert.That(await StatusAsync(client, "DELETE", address, cancellationToken), Is.EqualTo(403));
        }
    }

    [TestCase("guest", "PUT", "films/x.torrent", 403)]
    [TestCase("guest", "MKCOL", "mine/", 403)]
    [TestCase("guest", "DELETE", "films/A%20film/", 403)]
    [TestCase("guest", "MOVE", "films/A%20film/", 403)]
    [TestCase("guest", "COPY", "films/A%20film/", 403)]
    [TestCase("kid", "DELETE", "cartoons/A%20film/", 403)]
    [TestCase("kid", "DELETE", "films/A%20film/", 403)]
    [TestCase("nanny", "DELETE", "films/A%20film/", 404)]
    [TestCase("nanny", "MOVE", "films/A%20film/", 404)]
    public async Task The_mount_takes_no_changes_from_who_may_not_change_it(
        string user,
        string method,
        string path,
        int status,
        CancellationToken cancellationToken
    )
    {
        using var client = Client(user, user);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_bed.Dav, path));
        request.Headers.Add("Destination", new Uri(_bed.Dav, "cartoons/moved/").AbsoluteUri);

        using var response = await client.SendAsync(request, cancellationToken);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        using var owner = Client("anna", "a long one");
        Assert.That(await StatusAsync(owner, "GET", new Uri(_bed.Dav, "films/A%20film/"), cancellationToken), Is.EqualTo(200));
    }

    [TestCase("anna", "a long one", true, 200)]
    [TestCase("guest", "guest", false, 403)]
    [TestCase("kid", "kid", false, 403)]
    [TestCase("nanny", "nanny", false, 403)]
    public async Task Shared_folders_and_the_log_are_for_who_may_do_everything(
        string user,
        string password,
        bool seesServers,
        int log,
        CancellationToken cancellationToken
    )
    {
        using var client = Client(user, password);

        var servers = await client.GetStringAsync(new Uri(_bed.Web, "api/servers"), cancellationToken);

        Assert.That(servers.Contains("shared", StringComparison.Ordinal), Is.EqualTo(seesServers));
        Assert.That(await StatusAsync(client, "GET", new Uri(_bed.Web, "api/log?follow=false"), cancellationToken), Is.EqualTo(log));
    }

    [Test]
    public async Task Windows_is_let_in_by_Digest_and_finds_class_2_at_the_root(CancellationToken cancellationToken)
    {
        using var anonymous = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var options = new HttpRequestMessage(HttpMethod.Options, _bed.Dav);
        using var challenge = await anonymous.SendAsync(options, cancellationToken);
        var credentials = new CredentialCache { { _bed.Dav, "Digest", new NetworkCredential("anna", "a long one") } };
        using var windows = new HttpClient(new SocketsHttpHandler { UseProxy = false, Credentials = credentials });
        using var again = new HttpRequestMessage(HttpMethod.Options, _bed.Dav);
        again.Headers.TryAddWithoutValidation("User-Agent", "Microsoft-WebDAV-MiniRedir/10.0.19045");
        again.Headers.TryAddWithoutValidation("translate", "f");

        using var answer = await windows.SendAsync(again, cancellationToken);

        Assert.That((int)challenge.StatusCode, Is.EqualTo(401));
        Assert.That(challenge.Headers.WwwAuthenticate.Select(c => c.Scheme), Is.EqualTo(["Digest", "Digest", "Basic"]));
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        Assert.That(string.Join(',', answer.Headers.GetValues("DAV")), Does.StartWith("1, 2"));
        Assert.That(answer.Headers.GetValues("MS-Author-Via").Single(), Is.EqualTo("DAV"));
        Assert.That(answer.Content.Headers.ContentLength, Is.Zero);
        Assert.That(answer.Content.Headers.Allow, Does.Contain("PROPFIND").And.Contain("LOCK"));
    }

    private static HttpClient Client(string user, string password)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        return client;
    }

    private static async Task<int> StatusAsync(HttpClient client, string method, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return (int)response.StatusCode;
    }

    private async Task<int> PutAsync(string user, string password, string route, CancellationToken cancellationToken)
    {
        using var client = Client(user, password);
        using var body = new ByteArrayContent(Film.CreateTorrent(64 << 10).Write());
        using var response = await client.PutAsync(new Uri(_bed.Dav, $"{route}/film.torrent"), body, cancellationToken);
        return (int)response.StatusCode;
    }
}
