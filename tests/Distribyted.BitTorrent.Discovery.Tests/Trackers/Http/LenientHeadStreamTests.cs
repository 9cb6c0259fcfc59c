using System.Net;
using System.Text;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Http.HttpAnswers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

/// <summary>Heads of responses that no HTTP client would accept.</summary>
internal sealed class LenientHeadStreamTests
{
    [TestCase("this is no header")]
    [TestCase(": nothing")]
    [TestCase("Two Words: x")]
    [TestCase("X-Odd: a\u0001b")]
    [TestCase("Content-Length: many")]
    [TestCase("PHP Warning:  something at line 3\r\n  and so on")]
    [CancelAfter(60_000)]
    public async Task One_bad_header_line_does_not_cost_the_answer(string line, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer($"HTTP/1.1 200 OK\r\nServer: x\r\n{line}", OnePeer);
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Peers, Is.EqualTo(new[] { NamedPeer }), answer.Trouble);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_head_that_comes_byte_by_byte_is_repaired_on_a_connection_that_is_used_again_too(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(
            async (_, stream, token) =>
            {
                for (var served = 1; served <= 2; served++)
                {
                    foreach (var b in Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: {OnePeer.Length}\r\n\r\n"))
                    {
                        await stream.WriteAsync(new[] { b }, token);
                    }

                    await stream.WriteAsync(OnePeer, token);
                    var next = new byte[4096];
                    if (await stream.ReadAtLeastAsync(next, 4, throwOnEndOfStream: false, token) == 0)
                    {
                        return;
                    }
                }
            }
        );
        await using var bench = new TrackerBench(
            names: new() { ["tracker.example"] = ["203.0.113.5"] },
            road: _ => new IPEndPoint(IPAddress.Loopback, server.Port)
        );

        var one = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);
        var two = await bench.AskAsync(new Uri("http://tracker.example/announce"), cancellationToken);

        Assert.That((one.Trouble, two.Trouble), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(bench.Dialled, Has.Count.EqualTo(1));
    }
}
