using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Routes.Sources;
using Distribyted.Web.Api;

namespace Distribyted.Web.Tests.Api;

/// <summary>GET /api/routes and DELETE of a torrent.</summary>
[CancelAfter(60_000)]
internal sealed class RoutesApiTests
{
    private static readonly WebOptions Impatient = new() { AddTimeout = TimeSpan.FromMilliseconds(200) };

    [Test]
    public async Task Nothing_is_an_empty_list_not_null(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        Assert.That((await bed.SendAsync("GET", "/api/routes", cancellationToken)).Text, Is.EqualTo("[]"));
    }

    [Test]
    public async Task Routes_with_a_slash_and_with_its_escape_in_their_names_are_two(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        foreach (var route in new[] { "a%2Fb", "a%252Fb", "a%252fb" })
        {
            await bed.PostTorrentAsync(route, Samples.Torrent, cancellationToken);
        }

        var routes = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(routes.EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.EquivalentTo(["a/b", "a%2Fb", "a%2fb"]));
        var hash = routes[0].GetProperty("torrentStats")[0].GetProperty("hash").GetString();
        Assert.That((await bed.SendAsync("DELETE", $"/api/routes/a%252Fb/torrent/{hash}", cancellationToken)).Status, Is.EqualTo(200));
        var left = (await bed.GetAsync("/api/routes", cancellationToken)).EnumerateArray();
        Assert.That(
            left.Where(r => r.GetProperty("torrentStats").GetArrayLength() > 0).Select(r => r.GetProperty("name").GetString()),
            Is.EquivalentTo(["a/b", "a%2fb"])
        );
    }

    [Test]
    public async Task Deleting_takes_it_away_and_a_torrent_of_the_file_stays(CancellationToken cancellationToken)
    {
        var torrents = new[] { new ConfiguredTorrent(Samples.Dead, null, "distribyted.yaml:3") };
        var routes = new RouteOptions { Routes = [new ConfiguredRoute("films", torrents, null, "distribyted.yaml:2")] };
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient with { ContinueWhenAddTimeout = true }, routes: routes);
        await bed.WaitForTorrentAsync(cancellationToken);
        const string Other = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";
        await bed.PostMagnetAsync("films", Other, cancellationToken);

        var removed = await bed.SendAsync("DELETE", $"/api/routes/films/torrent/{Other}", cancellationToken);
        var refused = await bed.SendAsync("DELETE", $"/api/routes/films/torrent/{Samples.Dead}", cancellationToken);
        var unknown = await bed.SendAsync("DELETE", $"/api/routes/films/torrent/{Other}", cancellationToken);
        var bad = await bed.SendAsync("DELETE", "/api/routes/films/torrent/xyz", cancellationToken);

        Assert.That(removed, Is.EqualTo((200, "null")));
        Assert.That(refused.Status, Is.EqualTo(400));
        Assert.That(
            Json.Field(refused.Text, "error"),
            Does.StartWith($"element with hash {Samples.Dead} on route films cannot be removed").And.Contain("distribyted.yaml line 3")
        );
        Assert.That(unknown.Status, Is.EqualTo(400));
        Assert.That(Json.Field(bad.Text, "error"), Is.EqualTo("\"xyz\" is not an info hash. Use 40 hexadecimal digits."));
    }

    [Test]
    public async Task A_user_who_may_only_read_changes_nothing_and_sees_only_his_routes(CancellationToken cancellationToken)
    {
        var routes = new RouteOptions
        {
            Routes = [new ConfiguredRoute("films", [], null, "x:1"), new ConfiguredRoute("music", [], null, "x:2")],
        };
        var user = HttpUser.Create("anna", "secret", UserRights.Read, ["music"]);
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient, user, routes);

        Assert.That((await bed.PostMagnetAsync("music", Samples.Dead, cancellationToken)).Status, Is.EqualTo(403));
        Assert.That(
            (await bed.SendAsync("DELETE", $"/api/routes/music/torrent/{Samples.Dead}", cancellationToken)).Status,
            Is.EqualTo(403)
        );
        var seen = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(seen.EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.EqualTo(["music"]));
        Assert.That((await bed.SendAsync("GET", "/fs/films/", cancellationToken)).Status, Is.EqualTo(404));
        Assert.That((await bed.SendAsync("GET", "/api/log?follow=false", cancellationToken)).Status, Is.EqualTo(403));
    }
}
