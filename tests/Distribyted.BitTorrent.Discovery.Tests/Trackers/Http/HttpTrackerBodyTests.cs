using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Http.HttpAnswers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

/// <summary>Where the body of an answer ends, and how much of it is read.</summary>
internal sealed class HttpTrackerBodyTests
{
    [TestCase("gzip")]
    [TestCase("deflate")]
    [CancelAfter(60_000)]
    public async Task A_packed_answer_is_unpacked(string encoding, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer($"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}", Pack(encoding, OnePeer));
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Is.EqualTo(new[] { NamedPeer }), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_bomb_of_gzip_is_given_up_after_two_mebibytes(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", Pack("gzip", new byte[256 << 20]));
        await using var bench = new TrackerBench();
        var before = GC.GetTotalAllocatedBytes();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("TooLarge"));
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(32 << 20));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_endless_answer_is_given_up_after_two_mebibytes(CancellationToken cancellationToken)
    {
        var sent = 0L;
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\nd5:peers"u8.ToArray(), token);
                for (var chunk = new byte[64 << 10]; ; sent += chunk.Length)
                {
                    await stream.WriteAsync(chunk, token);
                }
            }
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain("TooLarge"));
        Assert.That(Interlocked.Read(ref sent), Is.LessThan(32 << 20));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_answer_that_drips_is_given_up_after_fifteen_seconds(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nd"u8.ToArray(), token);
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        );
        await using var bench = new TrackerBench(time: time);

        var asking = bench.AskAsync(server.Url, cancellationToken);
        await asked.Task.WaitAsync(cancellationToken);
        time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.That(asking.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(0.1));

        var answer = await asking;
        Assert.That(answer.Trouble, Does.Contain("no answer"));
    }

    [TestCase("\r\n\r\n<!-- served by x -->", 1000)]
    [TestCase("", 3)]
    [CancelAfter(60_000)]
    public async Task An_answer_with_a_wrong_length_and_something_behind_it_is_read(
        string behind,
        int tooMuch,
        CancellationToken cancellationToken
    )
    {
        byte[] body = [.. OnePeer, .. Encoding.ASCII.GetBytes(behind)];
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length + tooMuch}\r\n\r\n"),
                    token
                );
                await stream.WriteAsync(body, token);
            }
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Is.EqualTo(new[] { NamedPeer }), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_whole_answer_is_read_although_the_connection_stays_open_for_more(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), token);
                await stream.WriteAsync(OnePeer, token);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        );
        await using var bench = new TrackerBench(time: time);

        var asking = bench.AskAsync(server.Url, cancellationToken);
        await bench.UntilAsync(() => server.Heads.Count > 0, cancellationToken);
        await Announcing.AdvanceSlowlyAsync(time, () => asking.IsCompleted, cancellationToken);

        Assert.That((await asking).Peers, Is.EqualTo(new[] { NamedPeer }));
    }

    private static byte[] Pack(string encoding, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (
            Stream pack =
                encoding == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest) : new ZLibStream(packed, CompressionLevel.Fastest)
        )
        {
            pack.Write(bytes);
        }

        return packed.ToArray();
    }
}
