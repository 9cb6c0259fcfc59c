namespace Distribyted.Web.Tests.Pages;

/// <summary>GET of the root.</summary>
[CancelAfter(60_000)]
internal sealed class LandingPageTests
{
    [Test]
    public async Task It_names_every_resource_and_loads_and_runs_nothing(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        using var answer = await bed.Client.GetAsync(new Uri("/", UriKind.Relative), cancellationToken);

        var page = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.That(answer.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        Assert.That(answer.Headers.GetValues("Content-Security-Policy"), Is.EqualTo(["default-src 'none'; style-src 'unsafe-inline'"]));
        foreach (var address in new[] { "/fs/", "/api/routes", "/api/status", "/api/servers", "/api/log?follow=false", "/health" })
        {
            Assert.That(page, Does.Contain($"<a href=\"{address}\">"));
        }
    }
}
