using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Distribyted.Lab.Tests;

internal sealed class LinkShaperTests
{
    [Test, CancelAfter(60_000)]
    public async Task Bytes_come_through_whole_and_in_order_both_ways(CancellationToken cancellationToken)
    {
        var jittery = new LinkDirection(TimeSpan.FromMilliseconds(2), Jitter: TimeSpan.FromMilliseconds(5));
        await using var echo = new EchoServer();
        await using var line = await LinkShaper.StartAsync(echo.EndPoint, new LinkOptions { Up = jittery, Down = jittery });
        using var client = await ConnectAsync(line, cancellationToken);
        var content = LabContent.File("a", 3_000_000);

        var sending = client.SendAsync(content.Bytes(0, 3_000_000), cancellationToken);
        var received = await ReceiveAsync(client, 3_000_000, cancellationToken);
        await sending;

        Assert.That(content.Matches(0, 0, received));
        Assert.That(line.Accepted, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_question_and_its_answer_take_a_round_trip_and_the_first_one_two(CancellationToken cancellationToken)
    {
        await using var echo = new EchoServer();
        await using var line = await LinkShaper.StartAsync(echo.EndPoint, LinkOptions.Symmetric(TimeSpan.FromMilliseconds(60)));
        using var client = await ConnectAsync(line, cancellationToken);

        var first = await AskAsync(client, cancellationToken);
        var second = await AskAsync(client, cancellationToken);

        Assert.That(first, Is.InRange(TimeSpan.FromMilliseconds(115), TimeSpan.FromMilliseconds(500)));
        Assert.That(second, Is.InRange(TimeSpan.FromMilliseconds(58), TimeSpan.FromMilliseconds(350)));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_rate_holds_for_all_connections_together(CancellationToken cancellationToken)
    {
        await using var echo = new EchoServer();
        await using var line = await LinkShaper.StartAsync(
            echo.EndPoint,
            new LinkOptions { Down = new LinkDirection(BytesPerSecond: 2_000_000) }
        );
        using var one = await ConnectAsync(line, cancellationToken);
        using var two = await ConnectAsync(line, cancellationToken);
        var clock = Stopwatch.StartNew();

        await Task.WhenAll(SendAndReceiveAsync(one), SendAndReceiveAsync(two));

        Assert.That(clock.Elapsed, Is.InRange(TimeSpan.FromSeconds(0.45), TimeSpan.FromSeconds(2)), "1 MB at 2 MB/s");

        async Task SendAndReceiveAsync(Socket socket)
        {
            var sending = socket.SendAsync(new byte[500_000], cancellationToken);
            await ReceiveAsync(socket, 500_000, cancellationToken);
            await sending;
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_line_that_stands_still_keeps_its_connections_and_goes_on(CancellationToken cancellationToken)
    {
        await using var echo = new EchoServer();
        await using var line = await LinkShaper.StartAsync(echo.EndPoint);
        using var client = await ConnectAsync(line, cancellationToken);
        await AskAsync(client, cancellationToken);

        line.Stall();
        var asking = AskAsync(client, cancellationToken);
        var first = await Task.WhenAny(asking, Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, cancellationToken));
        Assert.That(first, Is.Not.SameAs(asking));

        line.Resume();
        Assert.That(await asking, Is.GreaterThan(TimeSpan.FromMilliseconds(140)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Stalls_come_as_often_as_told(CancellationToken cancellationToken)
    {
        var stalling = new LinkDirection(StallEvery: TimeSpan.FromMilliseconds(50), StallLength: TimeSpan.FromMilliseconds(200));
        await using var echo = new EchoServer();
        await using var line = await LinkShaper.StartAsync(echo.EndPoint, new LinkOptions { Down = stalling });
        using var client = await ConnectAsync(line, cancellationToken);

        var answers = new List<TimeSpan>();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMilliseconds(600); )
        {
            answers.Add(await AskAsync(client, cancellationToken));
        }

        Assert.That(answers.Count(answer => answer > TimeSpan.FromMilliseconds(100)), Is.InRange(1, 4));
        Assert.That(answers, Has.Count.GreaterThan(5));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_end_on_one_side_is_an_end_on_the_other(CancellationToken cancellationToken)
    {
        await using var echo = new EchoServer();
        await using var line = await LinkShaper.StartAsync(echo.EndPoint, new LinkOptions { DialFrom = IPAddress.Parse("127.0.0.99") });
        using var client = await ConnectAsync(line, cancellationToken);
        await AskAsync(client, cancellationToken);

        client.Shutdown(SocketShutdown.Send);

        Assert.That(await client.ReceiveAsync(new byte[10], cancellationToken), Is.Zero);
        Assert.That(echo.Callers.Single().Address, Is.EqualTo(IPAddress.Parse("127.0.0.99")));
    }

    private static async Task<Socket> ConnectAsync(LinkShaper line, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(line.EndPoint, cancellationToken);
        return socket;
    }

    private static async Task<TimeSpan> AskAsync(Socket socket, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await socket.SendAsync(new byte[100], cancellationToken);
        await ReceiveAsync(socket, 100, cancellationToken);
        return clock.Elapsed;
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length; )
        {
            var read = await socket.ReceiveAsync(bytes.AsMemory(at), cancellationToken);
            Assert.That(read, Is.Positive, "the connection ended early");
            at += read;
        }

        return bytes;
    }
}
