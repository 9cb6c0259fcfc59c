using System.Globalization;
using System.Text.Json;
using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Routes.Sources;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>GET /api/v1/torrents and /api/v1/routes: pages, filters, orders, rights.</summary>
[CancelAfter(60_000)]
internal sealed class TorrentListTests
{
    [Test]
    public async Task A_page_has_its_part_of_the_list_in_the_order_that_was_asked(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(5, null, cancellationToken);

        var first = await bed.GetAsync("/api/v1/torrents?limit=2", cancellationToken);
        var last = await bed.GetAsync("/api/v1/torrents?limit=2&offset=4", cancellationToken);
        var back = await bed.GetAsync("/api/v1/torrents?sort=-name&limit=1", cancellationToken);

        Assert.That(Names(first), Is.EqualTo(["film 0", "film 1"]));
        Assert.That((Number(first, "total"), Number(first, "offset"), Number(first, "next")), Is.EqualTo((5, 0, 2)));
        Assert.That(Names(last), Is.EqualTo(["film 4"]));
        Assert.That(last.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(Names(back), Is.EqualTo(["film 4"]));
    }

    [TestCase("q=FILM%203", "film 3")]
    [TestCase("q=00000000000000000000000000000000000000a2", "film 2")]
    [TestCase("route=films&q=4", "film 4")]
    [TestCase("route=none", "")]
    [TestCase("state=pending&q=film%201", "film 1")]
    [TestCase("state=idle", "")]
    public async Task Filters_leave_what_fits_all_of_them(string query, string name, CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(5, null, cancellationToken);

        var page = await bed.GetAsync("/api/v1/torrents?" + query, cancellationToken);

        Assert.That(string.Join(',', Names(page)), Is.EqualTo(name));
        Assert.That(Number(page, "total"), Is.EqualTo(name.Length == 0 ? 0 : 1));
    }

    [TestCase("limit=0")]
    [TestCase("limit=1001")]
    [TestCase("limit=x")]
    [TestCase("offset=-1")]
    [TestCase("state=sleepy")]
    [TestCase("sort=size")]
    public async Task What_is_not_understood_is_refused(string query, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        await Problem.AssertAsync(bed, "GET", "/api/v1/torrents?" + query, 400, cancellationToken);
    }

    [Test]
    public async Task Who_sees_some_routes_sees_their_torrents_only_and_not_where_they_are_named(CancellationToken cancellationToken)
    {
        var user = HttpUser.Create("anna", "secret", UserRights.Read, ["films"]);
        await using var bed = await StartAsync(2, user, cancellationToken);

        var page = await bed.GetAsync("/api/v1/torrents", cancellationToken);
        var routes = (await bed.GetAsync("/api/v1/routes", cancellationToken)).GetProperty("items");

        Assert.That(Names(page), Is.EqualTo(["film 0", "film 1"]));
        Assert.That(page.GetProperty("items")[0].GetProperty("fixedBy").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(routes.EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.EqualTo(["films"]));
        Assert.That(Number(routes[0], "pending"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_new_torrent_is_in_the_next_answer(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var before = await bed.GetAsync("/api/v1/torrents", cancellationToken);

        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        var after = await bed.GetAsync("/api/v1/torrents?state=idle", cancellationToken);

        Assert.That(Names(before), Is.Empty);
        Assert.That(Names(after), Is.EqualTo(["A film"]));
        Assert.That(Number(after.GetProperty("items")[0], "length"), Is.EqualTo(301_001));
    }

    private static async Task<WebBed> StartAsync(int count, HttpUser? user, CancellationToken cancellationToken)
    {
        var films = Enumerable
            .Range(0, count)
            .Select(i => new ConfiguredTorrent(Magnet(i, $"film {i}"), null, $"distribyted.yaml:{i + 3}"))
            .ToArray();
        var music = new[] { new ConfiguredTorrent(Magnet(99, "song"), null, "distribyted.yaml:90") };
        var options = new RouteOptions
        {
            Routes = user is null
                ? [new ConfiguredRoute("films", films, null, "distribyted.yaml:2")]
                :
                [
                    new ConfiguredRoute("films", films, null, "distribyted.yaml:2"),
                    new ConfiguredRoute("music", music, null, "distribyted.yaml:89"),
                ],
        };
        var bed = await WebBed.StartAsync(cancellationToken, user: user, routes: options);
        await foreach (var library in bed.Library.WatchAsync(cancellationToken))
        {
            if (library.Routes.Sum(r => r.Torrents.Count) == options.Routes.Sum(r => r.Torrents.Count))
            {
                break;
            }
        }

        return bed;
    }

    private static string Magnet(int number, string name)
    {
        var hash = (0xa0 + number).ToString("x40", CultureInfo.InvariantCulture);
        return $"magnet:?xt=urn:btih:{hash}&dn={Uri.EscapeDataString(name)}";
    }

    private static IEnumerable<string?> Names(JsonElement page)
    {
        return page.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("name").GetString());
    }

    private static long Number(JsonElement element, string name)
    {
        return element.GetProperty(name).GetInt64();
    }
}
