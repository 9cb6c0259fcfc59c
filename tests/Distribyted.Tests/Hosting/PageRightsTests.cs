using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Distribyted.Tests.Hosting;

/// <summary>Who sees what on the pages: the same as in API v1. What is compared is the document as the server sends it first.</summary>
[CancelAfter(120_000)]
internal sealed class PageRightsTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";
    private const string Secret = "kept-between-us";

    private DaemonBed _bed = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _bed = await DaemonBed.StartAsync(
            "auth: {users: [{name: reader, pass: may only read, rights: read}, {name: guest, pass: sees one route, routes: [music]}]}"
        );
        using var added = await _bed.Client.PostAsJsonAsync(
            new Uri(_bed.Web, "api/v1/routes/films/torrents"),
            new { sources = new[] { $"magnet:?xt=urn:btih:{Hash}&dn=Harbour&tr=http%3A%2F%2F127.0.0.1%3A1%2F{Secret}" } }
        );
        Assert.That(added.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _bed.DisposeAsync();
    }

    [TestCase("")]
    [TestCase("routes")]
    [TestCase("add")]
    [TestCase("torrents/" + Hash)]
    public async Task Who_may_only_read_sees_no_button_that_changes_and_no_address(string address, CancellationToken cancellationToken)
    {
        var page = await PageAsync("reader", "may only read", address, cancellationToken);

        Assert.That(page, Does.Not.Contain("Delete").And.Not.Contain("Add a").And.Not.Contain("New route").And.Not.Contain("<textarea"));
        Assert.That(page, Does.Not.Contain(Secret).And.Not.Contain("magnet:?"));
        Assert.That(page, Does.Not.Contain("href=\"logs\"").And.Not.Contain("href=\"settings\"").And.Not.Contain("href=\"servers\""));
    }

    [Test]
    public async Task Who_may_change_sees_what_can_be_done(CancellationToken cancellationToken)
    {
        var torrent = await PageAsync("anna", "a long one", "torrents/" + Hash, cancellationToken);
        var add = await PageAsync("anna", "a long one", "add", cancellationToken);

        Assert.That(torrent, Does.Contain("Harbour").And.Contain("Delete").And.Contain("Copy magnet"));
        Assert.That(add, Does.Contain("<textarea"));
    }

    [Test]
    public async Task Who_sees_some_routes_only_sees_nothing_of_the_others(CancellationToken cancellationToken)
    {
        var torrent = await PageAsync("guest", "sees one route", "torrents/" + Hash, cancellationToken);
        var library = await PageAsync("guest", "sees one route", "routes", cancellationToken);
        var overview = await PageAsync("guest", "sees one route", "", cancellationToken);

        Assert.That(torrent, Does.Contain("There is no such torrent here"));
        foreach (var page in new[] { torrent, library, overview })
        {
            Assert.That(page, Does.Not.Contain("Harbour").And.Not.Contain("films (").And.Not.Contain("href=\"logs\""));
        }
    }

    [Test]
    public async Task A_link_that_another_program_opens_is_filled_in(CancellationToken cancellationToken)
    {
        var page = await PageAsync("anna", "a long one", "add?link=magnet%3A%3Fxt%3Durn%3Abtih%3A" + Hash, cancellationToken);

        Assert.That(WebUtility.HtmlDecode(page), Does.Contain("magnet:?xt=urn:btih:" + Hash));
    }

    private async Task<string> PageAsync(string user, string password, string address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        return await client.GetStringAsync(new Uri(_bed.Web, address), cancellationToken);
    }
}
