using System.Net.Http.Headers;
using System.Text.Json;
using Distribyted.Http.Users;
using Distribyted.Lab;
using Distribyted.Routes;
using Distribyted.Routes.Sources;
using Distribyted.Web.Api;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Web.Tests.Api;

[CancelAfter(60_000)]
internal sealed class RoutesApiTests
{
    private const string Dead = "c9e15763f722f23e98a29decdfae341b98d53056";
    private static readonly LabContent Content = LabContent.Folder(
        "A film",
        [new LabFile("film.mkv", 300_001), new LabFile("film.srt", 1_000)]
    );
    private static readonly WebOptions Impatient = new() { AddTimeout = TimeSpan.FromMilliseconds(200) };

    [Test]
    public async Task Nothing_is_an_empty_list_not_null(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        Assert.That((await bed.SendAsync("GET", "/api/routes", cancellationToken)).Text, Is.EqualTo("[]"));
        Assert.That((await bed.SendAsync("GET", "/api/servers", cancellationToken)).Text, Is.EqualTo("[]"));
    }

    [Test]
    public async Task Status_has_the_names_of_the_Go_program(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var status = await bed.GetAsync("/api/status", cancellationToken);

        Assert.That(Names(status), Is.EqualTo(["cacheItems", "cacheFilled", "cacheCapacity", "torrentStats"]));
        Assert.That(Names(status.GetProperty("torrentStats")), Is.EqualTo(["downloadedBytes", "uploadedBytes", "timePassed"]));
        Assert.That(
            status.GetProperty("cacheCapacity").GetInt64(),
            Is.EqualTo(64),
            "what was configured, not what is left of it for pieces"
        );
    }

    private const string FileHead = "--b\r\nContent-Disposition: form-data; name=\"torrent\"; filename=\"x.torrent\"\r\n\r\n";
    private const string MagnetHead = "--b\r\nContent-Disposition: form-data; name=magnet\r\n\r\n";

    [TestCase("multipart/form-data; boundary=b", FileHead + "d4:info", 400, TestName = "a form that breaks off in the file")]
    [TestCase("multipart/form-data; boundary=b", "--b\r\nContent-Disp", 400, TestName = "a form that breaks off in a header")]
    [TestCase("multipart/form-data; boundary=b", FileHead + "d4:info\r\n--b", 400, TestName = "a form that breaks off in its boundary")]
    [TestCase("multipart/form-data; boundary=b", "", 400, TestName = "an empty form")]
    [TestCase("multipart/form-data; boundary=b", "nothing of a form", 400, TestName = "not a form")]
    [TestCase("multipart/form-data", FileHead, 400, TestName = "a form without a boundary")]
    [TestCase("multipart/form-data; boundary=\"\"", FileHead, 400, TestName = "a form with an empty boundary")]
    [TestCase("multipart/form-data; boundary=b", FileHead + "\r\n--b--\r\n", 400, TestName = "a form with an empty file")]
    [TestCase("multipart/form-data; boundary=b", MagnetHead + "\r\n--b--\r\n", 400, TestName = "a form with an empty magnet")]
    [TestCase("multipart/form-data; boundary=b", "--b--\r\n", 400, TestName = "a form without fields")]
    public async Task A_form_that_is_none_is_refused(string type, string body, int status, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        var answer = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, content);

        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer.Text, Does.Contain("\"error\""));
    }

    [Test]
    public async Task A_form_is_taken_with_other_fields_around_and_a_long_file_in_it(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, maxUpload: 300_000);
        var plain = Content.CreateTorrent(64 << 10).Write();
        byte[] Long(int comment) =>
            [.. "d7:comment"u8, .. System.Text.Encoding.ASCII.GetBytes($"{comment}:{new string('x', comment)}"), .. plain.AsSpan(1)];

        using var form = new MultipartFormDataContent
        {
            { new StringContent("films"), "category" },
            { new ByteArrayContent(Long(200_000)), "torrent", "x.torrent" },
            { new StringContent("more"), "tags" },
        };
        var taken = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, form);
        using var tooLong = new MultipartFormDataContent { { new ByteArrayContent(Long(300_000)), "torrent", "x.torrent" } };
        var refused = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, tooLong);

        Assert.That(taken, Is.EqualTo((200, "null")));
        Assert.That(refused.Status, Is.EqualTo(413));
    }

    [Test]
    public async Task A_torrent_file_is_taken_as_body_and_as_form_field(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var bytes = Content.CreateTorrent(64 << 10).Write();

        using var raw = new ByteArrayContent(bytes);
        raw.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
        var first = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, raw);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "torrent", "x.torrent" } };
        var second = await bed.SendAsync("POST", "/api/routes/a%2Fb/torrent", cancellationToken, form);

        Assert.That(first, Is.EqualTo((200, "null")));
        Assert.That(second, Is.EqualTo((200, "null")));
        var routes = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(routes.EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.EqualTo(["a/b", "films"]));
        var torrent = routes[1].GetProperty("torrentStats")[0];
        Assert.That(
            Names(torrent).Take(10),
            Is.EqualTo([
                "name",
                "hash",
                "downloadedBytes",
                "uploadedBytes",
                "peers",
                "seeders",
                "timePassed",
                "pieceChunks",
                "totalPieces",
                "pieceSize",
            ])
        );
        Assert.That(torrent.GetProperty("name").GetString(), Is.EqualTo("A film"));
        Assert.That(torrent.GetProperty("totalPieces").GetInt32(), Is.EqualTo(5));
        Assert.That(torrent.GetProperty("pieceSize").GetInt32(), Is.EqualTo(64 << 10));
        Assert.That(torrent.GetProperty("pieceChunks").GetRawText(), Is.EqualTo("""[{"status":"W","numPieces":5}]"""));
        Assert.That((await bed.SendAsync("GET", "/fs/films/A%20film/", cancellationToken)).Text, Does.Contain("film.mkv"));
        Assert.That((await bed.SendAsync("HEAD", "/fs/a/b/A%20film/film.mkv", cancellationToken)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_same_torrent_again_is_fine(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var bytes = Content.CreateTorrent(64 << 10).Write();

        for (var i = 0; i < 2; i++)
        {
            using var raw = new ByteArrayContent(bytes);
            raw.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
            Assert.That(await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, raw), Is.EqualTo((200, "null")));
        }
    }

    [Test]
    public async Task A_magnet_that_nobody_answers_is_not_kept(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient);

        var (status, text) = await bed.PostMagnetAsync("films", Dead, cancellationToken);

        Assert.That(status, Is.EqualTo(400));
        Assert.That(Field(text, "error"), Is.EqualTo("timeout getting torrent info"));
        var routes = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(routes.EnumerateArray().SelectMany(r => r.GetProperty("torrentStats").EnumerateArray()), Is.Empty);
    }

    [Test]
    public async Task With_continue_when_add_timeout_it_is_kept_and_listed_as_pending(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient with { ContinueWhenAddTimeout = true });

        var (status, text) = await bed.PostMagnetAsync("films", $"magnet:?xt=urn:btih:{Dead}&dn=Cosmos", cancellationToken);

        Assert.That((status, text), Is.EqualTo((202, $$"""{"hash":"{{Dead}}","state":"pending"}""")));
        var torrent = (await bed.GetAsync("/api/routes", cancellationToken))[0].GetProperty("torrentStats")[0];
        Assert.That(torrent.GetProperty("name").GetString(), Is.EqualTo("Cosmos"));
        Assert.That(torrent.GetProperty("state").GetString(), Is.EqualTo("pending"));
        Assert.That(torrent.GetProperty("reason").GetString(), Is.Not.Empty);
        Assert.That(torrent.GetProperty("totalPieces").GetInt32(), Is.Zero);
        Assert.That(torrent.GetProperty("pieceChunks").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_second_POST_of_a_magnet_waits_for_its_own_time(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var bed = await WebBed.StartAsync(cancellationToken, new WebOptions(), time: time);
        var first = bed.PostMagnetAsync("films", Dead, cancellationToken);
        await TickAsync(() => bed.Waiting == 0, null);
        await TickAsync(() => !first.IsCompleted, time, most: 30);
        var second = bed.PostMagnetAsync("films", $"magnet:?xt=urn:btih:{Dead}", cancellationToken);
        await TickAsync(() => bed.Waiting == 1, null);

        await TickAsync(() => !first.IsCompleted, time);

        Assert.That((await first).Status, Is.EqualTo(400));
        Assert.That((await bed.GetAsync("/api/routes", cancellationToken))[0].GetProperty("torrentStats").GetArrayLength(), Is.EqualTo(1));
        var seconds = await TickAsync(() => !second.IsCompleted, time);
        Assert.That((await second).Status, Is.EqualTo(400));
        Assert.That(seconds, Is.GreaterThan(10), "longer than the first");
        Assert.That(
            (await bed.GetAsync("/api/routes", cancellationToken))[0].GetProperty("torrentStats").GetArrayLength(),
            Is.Zero,
            "the last one takes it back"
        );

        // A second at a time while something holds; how many passed.
        async Task<int> TickAsync(Func<bool> holds, FakeTimeProvider? clock, int most = int.MaxValue)
        {
            var passed = 0;
            for (; holds() && passed < most; passed++)
            {
                clock?.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
            }

            return passed;
        }
    }

    [Test]
    public async Task A_POST_under_way_when_the_program_ends_is_503(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var post = bed.PostMagnetAsync("films", Dead, cancellationToken);
        while (bed.Waiting == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        var end = bed.StopAsync();

        var (status, text) = await post;
        await end;
        Assert.That((status, Field(text, "error")), Is.EqualTo((503, "The program is ending; nothing was added.")));
        Assert.That(bed.Log.Lines.Where(line => line.Contains("unhandled exception", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("PUT", "/api/routes", "GET, HEAD")]
    [TestCase("POST", "/api/status", "GET, HEAD")]
    [TestCase("GET", "/api/routes/films/torrent", "POST")]
    [TestCase("HEAD", "/api/routes/films/torrent", "POST")]
    [TestCase("PUT", "/api/routes/films/torrent", "POST")]
    [TestCase("GET", $"/api/routes/films/torrent/{Dead}", "DELETE")]
    [TestCase("DELETE", "/api/log", "GET, HEAD")]
    [TestCase("PROPFIND", "/fs/films/", "GET, HEAD")]
    [TestCase("POST", "/", "GET, HEAD")]
    [TestCase("POST", "/health", "GET, HEAD")]
    [TestCase("OPTIONS", "/api/servers", "GET, HEAD")]
    public async Task A_method_that_an_address_does_not_take_is_405_with_Allow(
        string method,
        string address,
        string allow,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var request = new HttpRequestMessage(new HttpMethod(method), address);

        using var answer = await bed.Client.SendAsync(request, cancellationToken);

        Assert.That((int)answer.StatusCode, Is.EqualTo(405));
        Assert.That(string.Join(", ", answer.Content.Headers.Allow), Is.EqualTo(allow));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
    }

    [Test]
    public async Task What_can_be_got_has_a_HEAD_and_what_is_not_there_is_404(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        foreach (var address in new[] { "/", "/api/status", "/api/routes", "/api/servers", "/api/log", "/fs/", "/health/live" })
        {
            Assert.That((await bed.SendAsync("HEAD", address, cancellationToken)).Status, Is.EqualTo(200), address);
        }

        Assert.That((await bed.SendAsync("GET", "/api/nothing", cancellationToken)).Status, Is.EqualTo(404));
        Assert.That((await bed.SendAsync("PUT", "/nothing", cancellationToken)).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Routes_with_a_slash_and_with_its_escape_in_their_names_are_two(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        foreach (var route in new[] { "a%2Fb", "a%252Fb", "a%252fb" })
        {
            using var raw = new ByteArrayContent(Content.CreateTorrent(64 << 10).Write());
            raw.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
            await bed.SendAsync("POST", $"/api/routes/{route}/torrent", cancellationToken, raw);
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
    public async Task A_pending_torrent_of_the_file_stays_when_a_POST_of_it_times_out(CancellationToken cancellationToken)
    {
        var torrents = new[] { new ConfiguredTorrent(Dead, null, "distribyted.yaml:3") };
        var routes = new RouteOptions { Routes = [new ConfiguredRoute("films", torrents, null, "distribyted.yaml:2")] };
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient, routes: routes);
        await WaitForTorrentAsync(bed, cancellationToken);

        var (status, _) = await bed.PostMagnetAsync("films", $"magnet:?xt=urn:btih:{Dead}", cancellationToken);

        Assert.That(status, Is.EqualTo(400));
        Assert.That((await bed.GetAsync("/api/routes", cancellationToken))[0].GetProperty("torrentStats").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Deleting_takes_it_away_and_a_torrent_of_the_file_stays(CancellationToken cancellationToken)
    {
        var torrents = new[] { new ConfiguredTorrent(Dead, null, "distribyted.yaml:3") };
        var routes = new RouteOptions { Routes = [new ConfiguredRoute("films", torrents, null, "distribyted.yaml:2")] };
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient with { ContinueWhenAddTimeout = true }, routes: routes);
        await WaitForTorrentAsync(bed, cancellationToken);
        const string Other = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";
        await bed.PostMagnetAsync("films", Other, cancellationToken);

        var removed = await bed.SendAsync("DELETE", $"/api/routes/films/torrent/{Other}", cancellationToken);
        var refused = await bed.SendAsync("DELETE", $"/api/routes/films/torrent/{Dead}", cancellationToken);
        var unknown = await bed.SendAsync("DELETE", $"/api/routes/films/torrent/{Other}", cancellationToken);
        var bad = await bed.SendAsync("DELETE", "/api/routes/films/torrent/xyz", cancellationToken);

        Assert.That(removed, Is.EqualTo((200, "null")));
        Assert.That(refused.Status, Is.EqualTo(400));
        Assert.That(
            Field(refused.Text, "error"),
            Does.StartWith($"element with hash {Dead} on route films cannot be removed").And.Contain("distribyted.yaml line 3")
        );
        Assert.That(unknown.Status, Is.EqualTo(400));
        Assert.That(Field(bad.Text, "error"), Is.EqualTo("\"xyz\" is not an info hash. Use 40 hexadecimal digits."));
    }

    [TestCase("""{"magnet": ""}""", "The field magnet is missing.")]
    [TestCase("{}", "The field magnet is missing.")]
    [TestCase("null", "The field magnet is missing.")]
    [TestCase("not json", "The body is not JSON.")]
    [TestCase("[1]", "The body is not JSON.")]
    [TestCase("", "The body is not JSON.")]
    [TestCase("""{"url": "http://example.org/x.torrent"}""", "url is not in this version yet.")]
    [TestCase("""{"magnet": "magnet:?dn=nothing"}""", "")]
    [TestCase("""{"magnet": "hello"}""", "")]
    public async Task A_POST_that_means_nothing_is_400_with_the_old_error_field(
        string body,
        string words,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        using var content = new StringContent(body);
        var (status, text) = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, content);

        Assert.That(status, Is.EqualTo(400));
        Assert.That(Field(text, "error"), Does.StartWith(words).And.Not.Empty);
        Assert.That(Field(text, "detail"), Is.EqualTo(Field(text, "error")));
        Assert.That((await bed.SendAsync("GET", "/api/routes", cancellationToken)).Text, Is.EqualTo("[]"), "no ghost route");
    }

    [TestCase("cross-site", null, 403)]
    [TestCase("same-site", null, 403)]
    [TestCase("same-origin", null, 400)]
    [TestCase("none", null, 400)]
    [TestCase(null, null, 400)]
    [TestCase(null, "https://evil.example", 403)]
    [TestCase(null, "null", 403)]
    [TestCase(null, "ours", 400)]
    public async Task A_change_that_another_sites_page_asks_for_is_refused(
        string? site,
        string? origin,
        int expected,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var headers = new List<(string, string)>();
        if (site is not null)
        {
            headers.Add(("Sec-Fetch-Site", site));
        }

        if (origin is not null)
        {
            headers.Add(("Origin", origin == "ours" ? bed.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin));
        }

        using var content = new StringContent("{}");
        var post = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, content, [.. headers]);
        var get = await bed.SendAsync("GET", "/api/routes", cancellationToken, null, [.. headers]);

        Assert.That(post.Status, Is.EqualTo(expected));
        Assert.That(get.Status, Is.EqualTo(200));
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

        Assert.That((await bed.PostMagnetAsync("music", Dead, cancellationToken)).Status, Is.EqualTo(403));
        Assert.That((await bed.SendAsync("DELETE", $"/api/routes/music/torrent/{Dead}", cancellationToken)).Status, Is.EqualTo(403));
        var seen = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(seen.EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.EqualTo(["music"]));
        Assert.That((await bed.SendAsync("GET", "/fs/films/", cancellationToken)).Status, Is.EqualTo(404));
        Assert.That((await bed.SendAsync("GET", "/api/log?follow=false", cancellationToken)).Status, Is.EqualTo(403));
    }

    [Test]
    public async Task A_magnet_of_a_living_swarm_is_there_when_the_POST_returns(CancellationToken cancellationToken)
    {
        await using var swarm = await LabSwarm.StartAsync(
            new LabSwarmOptions
            {
                Content = Content,
                PieceLength = 64 << 10,
                FirstAddress = 40,
            },
            cancellationToken
        );
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var answer = await bed.PostMagnetAsync("films", swarm.Magnet, cancellationToken);

        Assert.That(answer, Is.EqualTo((200, "null")));
        var bytes = await bed.Client.GetByteArrayAsync(new Uri("/fs/films/A%20film/film.mkv", UriKind.Relative), cancellationToken);
        Assert.That(Content.Matches(0, 0, bytes));
    }

    // The file's torrents come in the background.
    private static async Task WaitForTorrentAsync(WebBed bed, CancellationToken cancellationToken)
    {
        var manager = (RouteManager)bed.Services.GetService(typeof(RouteManager))!;
        await foreach (var library in manager.WatchAsync(cancellationToken))
        {
            if (library.Routes.Any(r => r.Torrents.Count > 0))
            {
                return;
            }
        }
    }

    private static IEnumerable<string> Names(JsonElement element)
    {
        return element.EnumerateObject().Select(p => p.Name);
    }

    private static string? Field(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetString();
    }
}
