using Distribyted.Web.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Tests.Api;

/// <summary>GET /api/log.</summary>
[CancelAfter(60_000)]
internal sealed class LogsApiTests
{
    [Test]
    public async Task Without_follow_it_ends_after_the_last_64_KiB_of_lines(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var feed = bed.Services.GetRequiredService<LogFeed>();
        var line = new string('x', 1023);
        for (var i = 0; i < 100; i++)
        {
            feed.Append(line);
        }

        var (status, text) = await bed.SendAsync("GET", "/api/log?follow=false", cancellationToken);

        Assert.That(status, Is.EqualTo(200));
        Assert.That(text, Is.EqualTo(string.Concat(Enumerable.Repeat(line + "\n", 64))));
    }

    [Test]
    public async Task It_goes_on_with_each_new_line_until_the_program_ends(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var feed = bed.Services.GetRequiredService<LogFeed>();
        feed.Append("before");

        using var lines = new StreamReader(await bed.Client.GetStreamAsync(new Uri("/api/log", UriKind.Relative), cancellationToken));
        Assert.That(await lines.ReadLineAsync(cancellationToken), Is.EqualTo("before"));
        feed.Append("after");
        Assert.That(await lines.ReadLineAsync(cancellationToken), Is.EqualTo("after"));
        await bed.StopAsync();

        Assert.That(await lines.ReadLineAsync(cancellationToken), Is.Null);
    }

    [Test]
    public async Task The_head_comes_although_there_is_no_line_yet(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        using var answer = await bed.Client.GetAsync(
            new Uri("/api/log", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );

        Assert.That(answer.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain; charset=utf-8"));
        Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
    }
}
