using Distribyted.FileSystem;
using Distribyted.Http.Tests.Wire;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Http.Tests.Files;

[TestFixture]
public sealed class SlowFileTests
{
    [Test, CancelAfter(60_000)]
    public async Task The_head_leaves_before_the_first_byte_is_there(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);
        await using var client = await host.ConnectAsync(cancellationToken);

        await client.SendAsync("GET /film.mkv HTTP/1.1\nRange: bytes=100-", cancellationToken);
        var head = await client.ReadHeadAsync(cancellationToken);

        Assert.That((head.Status, head["Content-Length"]), Is.EqualTo((206, "900")));
        files.Give(900);
        Assert.That((await client.ReadBodyAsync(900, cancellationToken)).IsCut, Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task What_came_is_sent_without_waiting_for_more(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);
        await using var client = await host.ConnectAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        await client.ReadHeadAsync(cancellationToken);

        files.Give(1);

        Assert.That((await client.ReadBodyAsync(1, cancellationToken)).Body, Is.EqualTo("x"u8.ToArray()));
        files.Give(999);
        Assert.That((await client.ReadBodyAsync(999, cancellationToken)).Body, Has.Length.EqualTo(999));
        await files.Disposed.Task.WaitAsync(cancellationToken);
    }

    [TestCase(0), TestCase(500), CancelAfter(60_000)]
    public async Task Bytes_that_do_not_come_cut_the_connection(int before, CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);
        if (before > 0)
        {
            files.Give(before);
        }

        await using var client = await host.ConnectAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        await client.ReadHeadAsync(cancellationToken);
        var (received, _) = await client.ReadBodyAsync(before, cancellationToken);
        files.Fail(FileSystemFailure.Unavailable);
        var (rest, isCut) = await client.ReadBodyAsync(1000 - before, cancellationToken);

        Assert.That((received.Length, rest.Length, isCut), Is.EqualTo((before, 0, true)));
        await files.Disposed.Task.WaitAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_file_that_ends_early_cuts_the_connection(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);
        await using var client = await host.ConnectAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        await client.ReadHeadAsync(cancellationToken);

        files.Give(500);
        files.Give(0);

        Assert.That((await client.ReadBodyAsync(1000, cancellationToken)).IsCut, Is.True);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_client_that_goes_away_ends_the_read(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);
        await using (var client = await host.ConnectAsync(cancellationToken))
        {
            await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
            await files.Reading.Task.WaitAsync(cancellationToken);
        }

        await files.Disposed.Task.WaitAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_hundred_clients_that_go_away_leave_nothing_open(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1_000_000);
        await using var host = await ListenerHost.StartAsync(files);
        for (var i = 0; i < 100; i++)
        {
            await using var client = await host.ConnectAsync(cancellationToken);
            await client.SendAsync($"GET /film.mkv HTTP/1.1\nRange: bytes={i * 1000}-", cancellationToken);
            Assert.That((await client.ReadHeadAsync(cancellationToken)).Status, Is.EqualTo(206));
        }

        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (files.Open > 0)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        Assert.That(files.Opened, Has.Count.EqualTo(100));
    }

    [
        TestCase("HEAD /film.mkv HTTP/1.1"),
        TestCase("GET /film.mkv HTTP/1.1\nIf-None-Match: \"gated\""),
        TestCase("GET /film.mkv HTTP/1.1\nIf-Match: \"other\"")
    ]
    [TestCase("GET /film.mkv HTTP/1.1\nRange: bytes=1000-")]
    [CancelAfter(60_000)]
    public async Task Questions_wake_nothing(string request, CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);

        await host.AskAsync(request, cancellationToken);

        Assert.That(files.Opened, Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task An_empty_file_wakes_nothing(CancellationToken cancellationToken)
    {
        var files = new GatedFs(0);
        await using var host = await ListenerHost.StartAsync(files);

        var answer = await host.AskAsync("GET /film.mkv HTTP/1.1", cancellationToken);

        Assert.That((answer.Status, answer["Content-Length"]), Is.EqualTo((200, "0")));
        Assert.That(files.Opened, Is.Empty);
    }

    [
        TestCase("", 0, null),
        TestCase("Range: bytes=10-", 10, null),
        TestCase("Range: bytes=10-19", 10, 10L),
        TestCase("Range: bytes=-5", 995, 5L),
        CancelAfter(60_000)
    ]
    public async Task The_reader_hears_what_will_be_read_and_by_whom(
        string header,
        long offset,
        long? length,
        CancellationToken cancellationToken
    )
    {
        var files = new GatedFs(1000);
        files.Give(1000);
        await using var host = await ListenerHost.StartAsync(files);

        await host.AskAsync("GET /film.mkv HTTP/1.1\nUser-Agent: VLC/4\n" + header, cancellationToken);

        Assert.That(files.Opened, Is.EqualTo(new[] { new ReadIntent(offset, length, "127.0.0.1 VLC/4") }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Of_a_long_user_agent_a_hundred_characters_are_kept(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        files.Give(1000);
        await using var host = await ListenerHost.StartAsync(files);

        await host.AskAsync("GET /film.mkv HTTP/1.1\nUser-Agent: " + new string('v', 101), cancellationToken);

        Assert.That(files.Opened.Single().Client, Is.EqualTo("127.0.0.1 " + new string('v', 100)));
    }

    [
        TestCase(FileSystemFailure.Unavailable, 503),
        TestCase(FileSystemFailure.Removed, 404),
        TestCase(FileSystemFailure.NoSpace, 507),
        TestCase(FileSystemFailure.Corrupt, 500)
    ]
    [CancelAfter(60_000)]
    public async Task A_file_that_cannot_be_opened_has_a_status(FileSystemFailure failure, int status, CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000) { OpenFailure = new FileSystemException(failure, "as the test asked") };
        await using var host = await ListenerHost.StartAsync(files);

        var answer = await host.AskAsync("GET /film.mkv HTTP/1.1", cancellationToken);

        Assert.That((answer.Status, answer["Content-Length"], answer["ETag"]), Is.EqualTo((status, "0", default(string))));
        Assert.That(answer["Retry-After"], Is.EqualTo(status == 503 ? "10" : null));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_client_that_takes_nothing_for_an_hour_is_let_go_and_not_before(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        const int Length = 256 * 1024 * 1024;
        var files = new EndlessFs(Length);
        await using var host = await ListenerHost.StartAsync(files, time: time);
        await using var client = await host.ConnectSlowlyAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        await client.ReadHeadAsync(cancellationToken);
        await files.WaitUntilStuckAsync(cancellationToken);

        time.Advance(TimeSpan.FromMinutes(59));
        Assert.That(files.Disposed.Task.IsCompleted, Is.False);

        await Waiting.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(2)); // again and again: the sender may have begun to wait only now
                return files.Disposed.Task.IsCompleted;
            },
            static () => "the file is still open",
            cancellationToken
        );
    }
}
