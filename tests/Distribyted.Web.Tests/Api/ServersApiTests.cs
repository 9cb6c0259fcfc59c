namespace Distribyted.Web.Tests.Api;

/// <summary>GET /api/servers.</summary>
[CancelAfter(60_000)]
internal sealed class ServersApiTests
{
    [Test]
    public async Task Nothing_is_an_empty_list_not_null(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        Assert.That((await bed.SendAsync("GET", "/api/servers", cancellationToken)).Text, Is.EqualTo("[]"));
    }
}
