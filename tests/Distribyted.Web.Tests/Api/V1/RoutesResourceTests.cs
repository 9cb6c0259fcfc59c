using System.Net.Http.Headers;
using System.Text;
using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Routes.Sources;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>/api/v1/routes and the torrents in them: make, rename, move, remove.</summary>
[CancelAfter(60_000)]
internal sealed class RoutesResourceTests
{
    [Test]
    public async Task A_route_is_made_shown_renamed_and_removed(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var made = await bed.SendAsync("POST", "/api/v1/routes", cancellationToken, Body("""{"name": "films/old"}"""));
        var shown = await bed.GetAsync("/api/v1/routes/films%2Fold", cancellationToken);
        var renamed = await bed.SendAsync("PATCH", "/api/v1/routes/films%2Fold", cancellationToken, Body("""{"name": "classics"}"""));
        var removed = await bed.SendAsync("DELETE", "/api/v1/routes/classics", cancellationToken);

        Assert.That(made.Status, Is.EqualTo(201), made.Text);
        Assert.That(shown.GetProperty("name").GetString(), Is.EqualTo("films/old"));
        Assert.That((renamed.Status, Json.Field(renamed.Text, "name")), Is.EqualTo((200, "classics")));
        Assert.That(removed, Is.EqualTo((204, "")));
        await Problem.AssertAsync(bed, "GET", "/api/v1/routes/classics", 404, cancellationToken);
        await Problem.AssertAsync(bed, "DELETE", "/api/v1/routes/classics", 404, cancellationToken);
    }

    [TestCase("""{"name": "films"}""", 409)]
    [TestCase("""{"name": ".."}""", 409)]
    [TestCase("""{}""", 409)]
    [TestCase("""{"name": 5}""", 400)]
    [TestCase("no JSON", 400)]
    public async Task A_route_that_cannot_be_is_refused(string body, int status, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.SendAsync("POST", "/api/v1/routes", cancellationToken, Body("""{"name": "films"}"""));

        await Problem.AssertAsync(bed, "POST", "/api/v1/routes", status, cancellationToken, Body(body));
    }

    [Test]
    public async Task A_body_of_another_type_is_415_and_one_too_deep_or_too_long_is_refused(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var text = new StringContent("films");
        using var deep = Body(string.Concat(Enumerable.Repeat("{\"name\":", 1000)));
        using var big = Body($"{{\"name\": \"{new string('a', 2 << 20)}\"}}");

        await Problem.AssertAsync(bed, "POST", "/api/v1/routes", 415, cancellationToken, text);
        await Problem.AssertAsync(bed, "POST", "/api/v1/routes", 400, cancellationToken, deep);
        await Problem.AssertAsync(bed, "POST", "/api/v1/routes", 413, cancellationToken, big);
    }

    [Test]
    public async Task A_torrent_is_renamed_moved_and_removed(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        var hash = Samples.Hash;

        var renamed = await bed.SendAsync(
            "PATCH",
            $"/api/v1/routes/films/torrents/{hash}",
            cancellationToken,
            Body("""{"name": "Film"}""")
        );
        var moved = await bed.SendAsync("PATCH", $"/api/v1/routes/films/torrents/{hash}", cancellationToken, Body("""{"route": "a/b"}"""));
        var there = await bed.GetAsync($"/api/v1/routes/a%2Fb/torrents/{hash}", cancellationToken);
        await Problem.AssertAsync(bed, "GET", $"/api/v1/routes/films/torrents/{hash}", 404, cancellationToken);
        var full = await Problem.AssertAsync(bed, "DELETE", "/api/v1/routes/a%2Fb", 409, cancellationToken);
        var removed = await bed.SendAsync("DELETE", $"/api/v1/routes/a%2Fb/torrents/{hash}?data=false", cancellationToken);

        Assert.That((renamed.Status, Json.Field(renamed.Text, "name")), Is.EqualTo((200, "Film")));
        Assert.That((moved.Status, Json.Field(moved.Text, "route")), Is.EqualTo((200, "a/b")));
        Assert.That(there.GetProperty("name").GetString(), Is.EqualTo("Film"));
        Assert.That(full, Does.Contain("not empty"));
        Assert.That(removed, Is.EqualTo((204, "")));
        await Problem.AssertAsync(bed, "DELETE", $"/api/v1/routes/a%2Fb/torrents/{hash}", 404, cancellationToken);
        await Problem.AssertAsync(bed, "DELETE", "/api/v1/routes/films/torrents/xyz", 400, cancellationToken);
    }

    [Test]
    public async Task What_the_configuration_names_is_changed_there_only(CancellationToken cancellationToken)
    {
        var torrents = new[] { new ConfiguredTorrent(Samples.Dead, null, "distribyted.yaml:3") };
        var options = new RouteOptions { Routes = [new ConfiguredRoute("films", torrents, null, "distribyted.yaml:2")] };
        await using var bed = await WebBed.StartAsync(cancellationToken, routes: options);
        await bed.WaitForTorrentAsync(cancellationToken);

        foreach (var address in new[] { "/api/v1/routes/films", $"/api/v1/routes/films/torrents/{Samples.Dead}" })
        {
            Assert.That(await Problem.AssertAsync(bed, "DELETE", address, 409, cancellationToken), Does.Contain("distribyted.yaml line"));
        }
    }

    [Test]
    public async Task A_restricted_user_changes_his_routes_only(CancellationToken cancellationToken)
    {
        var user = HttpUser.Create("anna", "secret", UserRights.Full, ["films"]);
        await using var bed = await WebBed.StartAsync(cancellationToken, user: user);
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        var torrent = $"/api/v1/routes/films/torrents/{Samples.Hash}";

        await Problem.AssertAsync(bed, "POST", "/api/v1/routes", 403, cancellationToken, Body("""{"name": "music"}"""));
        await Problem.AssertAsync(bed, "PATCH", torrent, 403, cancellationToken, Body("""{"route": "music"}"""));
        await Problem.AssertAsync(bed, "POST", "/api/v1/routes/music/torrents", 403, cancellationToken, Body("""{"sources": []}"""));
        await Problem.AssertAsync(bed, "GET", "/api/v1/routes/music", 404, cancellationToken);
        var made = await bed.SendAsync("POST", "/api/v1/routes", cancellationToken, Body("""{"name": "films/new"}"""));

        Assert.That(made.Status, Is.EqualTo(201), made.Text);
    }

    internal static StringContent Body(string json)
    {
        return new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
    }
}
