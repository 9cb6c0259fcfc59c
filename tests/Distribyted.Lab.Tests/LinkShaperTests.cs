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
        TimeSpan first;
        TimeSpan second;
        do
        {
            using var client = await ConnectAsync(line, cancellationToken);
            first = await AskAsync(client, cancellationToken);
            second = await AskAsync(client, cancellationToken);
            Assert.That(first, Is.GreaterThan(TimeSpan.FromMilliseconds(115)));
            Assert.That(second, Is.GreaterThan(TimeSpan.FromMilliseconds(58)));
        } while (first > TimeSpan.FromMilliseconds(175) || second > TimeSpan.FromMilliseconds(115)); // a busy machine: a further round trip is not told from it
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
        TimeSpan took;
        do
        {
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(SendAndReceiveAsync(one), SendAndReceiveAsync(two));
            took = clock.Elapsed;
            Assert.That(took, Is.GreaterThan(TimeSpan.FromSeconds(0.45)), "1 MB at 2 MB/s");
        } while (took > TimeSpan.FromSeconds(0.95)); // a busy machine

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

        var (quick, slow) = (0, 0);
        while (quick < 5 || slow < 3)
        {
            var took = await AskAsync(client, cancellationToken);
            (quick, slow) =
                took < TimeSpan.FromMilliseconds(50) ? (quick + 1, slow) : (quick, slow + (took > TimeSpan.FromMilliseconds(150) ? 1 : 0));
        }
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
