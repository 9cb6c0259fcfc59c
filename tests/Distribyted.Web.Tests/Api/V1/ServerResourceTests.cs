using Distribyted.Http.Users;
using Distribyted.Lab;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>/api/v1/statistics, /settings, /servers.</summary>
[CancelAfter(60_000)]
internal sealed class ServerResourceTests
{
    [Test]
    public async Task Counters_are_absolute_and_every_caller_sees_the_same(CancellationToken cancellationToken)
    {
        var options = new LabSwarmOptions
        {
            Content = Samples.Content,
            PieceLength = 64 << 10,
            FirstAddress = 80,
        };
        await using var swarm = await LabSwarm.StartAsync(options, cancellationToken);
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
        await bed.SendAsync("GET", "/fs/films/A%20film/film.mkv", cancellationToken);

        var first = await Poll.UntilAsync(
            () => bed.GetAsync("/api/v1/statistics", cancellationToken),
            s => s.GetProperty("cacheBytes").GetInt64() == 301_001,
            cancellationToken
        );
        var second = await bed.GetAsync("/api/v1/statistics", cancellationToken);

        Assert.That(first.GetProperty("verifiedBytes").GetInt64(), Is.EqualTo(301_001));
        Assert.That(first.GetProperty("downloadedBytes").GetInt64(), Is.GreaterThanOrEqualTo(301_001));
        Assert.That(second.GetProperty("downloadedBytes").GetInt64(), Is.EqualTo(first.GetProperty("downloadedBytes").GetInt64()));
        Assert.That((first.GetProperty("torrents").GetInt32(), first.GetProperty("cachePieces").GetInt32()), Is.EqualTo((1, 5)));
        Assert.That(first.GetProperty("cacheCapacity").GetInt64(), Is.EqualTo(64 << 20));
        Assert.That(first.GetProperty("freeDiskBytes").GetInt64(), Is.GreaterThan(0));
        Assert.That(first.GetProperty("dhtNodes").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null)); // it is off here
        Assert.That(first.GetProperty("startedAt").GetDateTimeOffset(), Is.LessThanOrEqualTo(first.GetProperty("at").GetDateTimeOffset()));
    }

    [Test]
    public async Task Settings_and_shared_folders_are_for_who_may_do_everything(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await using var read = await WebBed.StartAsync(cancellationToken, user: HttpUser.Create("anna", "secret", UserRights.Read));
        await using var some = await WebBed.StartAsync(
            cancellationToken,
            user: HttpUser.Create("anna", "secret", UserRights.Full, ["films"])
        );

        foreach (var address in new[] { "/api/v1/settings", "/api/v1/servers" })
        {
            Assert.That((await bed.SendAsync("GET", address, cancellationToken)).Text, Is.EqualTo("""{"items":[]}"""));
            await Problem.AssertAsync(read, "GET", address, 403, cancellationToken);
            await Problem.AssertAsync(some, "GET", address, 403, cancellationToken);
        }

        var statistics = await read.GetAsync("/api/v1/statistics", cancellationToken);
        Assert.That(statistics.GetProperty("listenPort").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
    }
}
