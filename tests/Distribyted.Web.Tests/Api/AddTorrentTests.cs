using Distribyted.Lab;
using Distribyted.Routes;
using Distribyted.Routes.Sources;
using Distribyted.Web.Api;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Web.Tests.Api;

/// <summary>POST /api/routes/{route}/torrent.</summary>
[CancelAfter(60_000)]
internal sealed class AddTorrentTests
{
    private static readonly WebOptions Impatient = new() { AddTimeout = TimeSpan.FromMilliseconds(200) };

    [Test]
    public async Task A_torrent_file_is_taken_as_body_and_as_form_field(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var bytes = Samples.Torrent;

        var first = await bed.PostTorrentAsync("films", bytes, cancellationToken);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "torrent", "x.torrent" } };
        var second = await bed.SendAsync("POST", "/api/routes/a%2Fb/torrent", cancellationToken, form);

        Assert.That(first, Is.EqualTo((200, "null")));
        Assert.That(second, Is.EqualTo((200, "null")));
        var routes = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(routes.EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.EqualTo(["a/b", "films"]));
        var torrent = routes[1].GetProperty("torrentStats")[0];
        Assert.That(
            Json.Names(torrent).Take(10),
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

        for (var i = 0; i < 2; i++)
        {
            Assert.That(await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken), Is.EqualTo((200, "null")));
        }
    }

    [Test]
    public async Task A_magnet_of_a_living_swarm_is_there_when_the_POST_returns(CancellationToken cancellationToken)
    {
        await using var swarm = await LabSwarm.StartAsync(
            new LabSwarmOptions
            {
                Content = Samples.Content,
                PieceLength = 64 << 10,
                FirstAddress = 40,
            },
            cancellationToken
        );
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var answer = await bed.PostMagnetAsync("films", swarm.Magnet, cancellationToken);

        Assert.That(answer, Is.EqualTo((200, "null")));
        var bytes = await bed.Client.GetByteArrayAsync(new Uri("/fs/films/A%20film/film.mkv", UriKind.Relative), cancellationToken);
        Assert.That(Samples.Content.Matches(0, 0, bytes));
    }

    [Test]
    public async Task A_magnet_that_no_peer_answers_is_not_kept(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient);

        var (status, text) = await bed.PostMagnetAsync("films", Samples.Dead, cancellationToken);

        Assert.That(status, Is.EqualTo(400));
        Assert.That(Json.Field(text, "error"), Is.EqualTo("timeout getting torrent info"));
        var routes = await bed.GetAsync("/api/routes", cancellationToken);
        Assert.That(routes.EnumerateArray().SelectMany(r => r.GetProperty("torrentStats").EnumerateArray()), Is.Empty);
    }

    [Test]
    public async Task With_continue_when_add_timeout_it_is_kept_and_listed_as_pending(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient with { ContinueWhenAddTimeout = true });

        var (status, text) = await bed.PostMagnetAsync("films", $"magnet:?xt=urn:btih:{Samples.Dead}&dn=Cosmos", cancellationToken);

        Assert.That((status, text), Is.EqualTo((202, $$"""{"hash":"{{Samples.Dead}}","state":"pending"}""")));
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
        var first = bed.PostMagnetAsync("films", Samples.Dead, cancellationToken);
        await TickAsync(() => bed.Waiting == 0, null);
        await TickAsync(() => !first.IsCompleted, time, most: 30);
        var second = bed.PostMagnetAsync("films", $"magnet:?xt=urn:btih:{Samples.Dead}", cancellationToken);
        await TickAsync(() => bed.Waiting == 1, null);

        // No second passes while an answer is on its way.
        await TickAsync(() => bed.Waiting == 2, time);
        Assert.That((await first).Status, Is.EqualTo(400));
        Assert.That((await bed.GetAsync("/api/routes", cancellationToken))[0].GetProperty("torrentStats").GetArrayLength(), Is.EqualTo(1));
        var seconds = await TickAsync(() => bed.Waiting == 1, time);
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
        var post = bed.PostMagnetAsync("films", Samples.Dead, cancellationToken);
        while (bed.Waiting == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        var end = bed.StopAsync();

        var (status, text) = await post;
        await end;
        Assert.That((status, Json.Field(text, "error")), Is.EqualTo((503, "The program is ending; nothing was added.")));
        Assert.That(bed.Log.Lines.Where(line => line.Contains("unhandled exception", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_pending_torrent_of_the_file_stays_when_a_POST_of_it_times_out(CancellationToken cancellationToken)
    {
        var torrents = new[] { new ConfiguredTorrent(Samples.Dead, null, "distribyted.yaml:3") };
        var routes = new RouteOptions { Routes = [new ConfiguredRoute("films", torrents, null, "distribyted.yaml:2")] };
        await using var bed = await WebBed.StartAsync(cancellationToken, Impatient, routes: routes);
        await bed.WaitForTorrentAsync(cancellationToken);

        var (status, _) = await bed.PostMagnetAsync("films", $"magnet:?xt=urn:btih:{Samples.Dead}", cancellationToken);

        Assert.That(status, Is.EqualTo(400));
        Assert.That((await bed.GetAsync("/api/routes", cancellationToken))[0].GetProperty("torrentStats").GetArrayLength(), Is.EqualTo(1));
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
        string message,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        using var content = new StringContent(body);
        var (status, text) = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, content);

        Assert.That(status, Is.EqualTo(400));
        Assert.That(Json.Field(text, "error"), Does.StartWith(message).And.Not.Empty);
        Assert.That(Json.Field(text, "detail"), Is.EqualTo(Json.Field(text, "error")));
        Assert.That((await bed.SendAsync("GET", "/api/routes", cancellationToken)).Text, Is.EqualTo("[]"), "no ghost route");
    }
}
