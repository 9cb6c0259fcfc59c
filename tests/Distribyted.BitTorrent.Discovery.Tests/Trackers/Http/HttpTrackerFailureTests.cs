using System.Text;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

/// <summary>Which failures say that a tracker is unreachable, and what is shown of them.</summary>
internal sealed class HttpTrackerFailureTests
{
    [Test, CancelAfter(60_000)]
    public async Task A_closed_port_and_an_unknown_name_are_unreachable(CancellationToken cancellationToken)
    {
        await using var bench = new TrackerBench();

        var refused = await bench.AskAsync(new Uri("http://127.0.0.1:1/announce"), cancellationToken);
        var unknown = await bench.AskAsync(new Uri("http://no.such.host/announce"), cancellationToken);

        Assert.That((refused.Trouble, refused.Unreachable), Is.EqualTo(("refuses connections", true)));
        Assert.That((unknown.Trouble, unknown.Unreachable), Is.EqualTo(("the name is not known", true)));
    }

    [TestCase("HTTP/1.1 500 Oops", "<html>")]
    [TestCase("HTTP/1.1 503 Busy", "")]
    [TestCase("HTTP/1.1 200 OK", "<html>")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", "no gzip")]
    [TestCase("SIP/2.0 200 OK", "d")]
    [CancelAfter(60_000)]
    public async Task A_tracker_that_answers_badly_is_not_unreachable(string head, string body, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(head, Encoding.ASCII.GetBytes(body));
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That((answer.Trouble is null, answer.Unreachable), Is.EqualTo((false, false)), answer.Trouble);
    }

    [TestCase("")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nd8:int")]
    [CancelAfter(60_000)]
    public async Task A_tracker_that_hangs_up_on_one_torrent_is_not_unreachable(string sent, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(
            async (_, stream, token) => await stream.WriteAsync(Encoding.ASCII.GetBytes(sent), token)
        );
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That((answer.Trouble is null, answer.Unreachable), Is.EqualTo((false, false)), answer.Trouble);
    }

    [TestCase("HTTP/1.1 200 OK", "<html>blocked</html>", "no answer to an announce")]
    [TestCase("HTTP/1.1 200 OK", "", "no answer to an announce")]
    [TestCase("HTTP/1.1 404 Not Found", "nothing", "HTTP 404")]
    [TestCase("HTTP/1.1 503 Busy", "nothing", "HTTP 503")]
    [TestCase("HTTP/1.1 400 Bad Request", "d14:failure reason20:unregistered torrente", "unregistered torrent")]
    [TestCase("HTTP/1.1 200 OK", "d14:failure reason20:unregistered torrente", "unregistered torrent")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", "not gzip at all", "cannot be unpacked")]
    [TestCase("SIP/2.0 200 OK", "d", "does not speak HTTP")]
    [CancelAfter(60_000)]
    public async Task What_went_wrong_is_shown(string head, string body, string words, CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer(head, Encoding.ASCII.GetBytes(body));
        await using var bench = new TrackerBench();

        var answer = await bench.AskAsync(server.Url, cancellationToken);

        Assert.That(answer.Trouble, Does.Contain(words));
        Assert.That(answer.Peers, Is.Empty);
    }
}
