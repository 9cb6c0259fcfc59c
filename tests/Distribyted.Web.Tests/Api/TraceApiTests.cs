namespace Distribyted.Web.Tests.Api;

/// <summary>GET /api/trace/{hash}; what it shows is tested with the engine.</summary>
[CancelAfter(60_000)]
internal sealed class TraceApiTests
{
    [TestCase("/api/trace/nonsense", 400, "40 hexadecimal digits")]
    [TestCase("/api/trace/0123456789012345678901234567890123456789", 404, "There is no torrent")]
    public async Task What_is_not_there_is_told(string address, int expected, string words, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var (status, text) = await bed.SendAsync("GET", address, cancellationToken);

        Assert.That((status, text), Is.EqualTo((expected, text)));
        Assert.That(text, Does.Contain(words));
    }
}
