namespace Distribyted.Web.Tests.Api;

/// <summary>GET /health and what is below it.</summary>
[CancelAfter(60_000)]
internal sealed class HealthApiTests
{
    [TestCase("/health"), TestCase("/health/live"), TestCase("/health/ready")]
    public async Task A_program_that_runs_is_live_and_ready(string address, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var health = await bed.GetAsync(address, cancellationToken);

        Assert.That(health.GetRawText(), Is.EqualTo("""{"status":"ok","reasons":[]}"""));
    }
}
