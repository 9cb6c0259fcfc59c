namespace Distribyted.Web.Tests.Api;

/// <summary>GET /api/status.</summary>
[CancelAfter(60_000)]
internal sealed class StatusApiTests
{
    [Test]
    public async Task Status_has_the_names_of_the_Go_program(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var status = await bed.GetAsync("/api/status", cancellationToken);

        Assert.That(Json.Names(status), Is.EqualTo(["cacheItems", "cacheFilled", "cacheCapacity", "torrentStats"]));
        Assert.That(Json.Names(status.GetProperty("torrentStats")), Is.EqualTo(["downloadedBytes", "uploadedBytes", "timePassed"]));
        Assert.That(
            status.GetProperty("cacheCapacity").GetInt64(),
            Is.EqualTo(64),
            "what was configured, not what is left of it for pieces"
        );
    }
}
