using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Distribyted.Http.Tests.Wire;
using Distribyted.Http.Transport;
using Distribyted.Testing;

namespace Distribyted.Http.Tests.Transport;

/// <summary>Raw UTF-8 in the request line, and bytes that are not UTF-8 in headers: Go's server takes both, Kestrel neither. A byte here is a char of ISO 8859-1.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class NonAsciiHeadTests
{
    private const string Name = "\u00c3\u00a9.txt"; // UTF-8 of \u00e9.txt

    [TestCase("GET /a HTTP/1.1\r\nA: b\r\n\r\n", null)]
    [TestCase($"GET /{Name} HTTP/1.1\r\n", "GET /%C3%A9.txt HTTP/1.1\r\n")]
    [TestCase("GET /\u00e9 HTTP/1.1\r\n", "GET /%E9 HTTP/1.1\r\n", TestName = "What is not UTF-8 is escaped, too, and refused as a path")]
    [TestCase($"\r\n\r\nGET /{Name} HTTP/1.1\r\n", "\r\n\r\nGET /%C3%A9.txt HTTP/1.1\r\n")]
    [TestCase($"GET /{Name} HTTP/1.1\n\n", "GET /%C3%A9.txt HTTP/1.1\n\n")]
    [TestCase($"GET /{Name} HTT", null, TestName = "Half a line waits")]
    [TestCase($"GET / HTTP/1.1\r\nA: {Name}\r\n\r\n", null, TestName = "UTF-8 in a header stays")]
    [TestCase("GET / HTTP/1.1\r\nA: \u00e9\r\nB: \u00ff", "GET / HTTP/1.1\r\nA: \u00c3\u00a9\r\nB: \u00ff")]
    [TestCase("GET / HTTP/1.1\r\n\r\n\u00e9\r\nGET /\u00e9 HTTP/1.1\r\n", null, TestName = "What follows the head stays")]
    public void A_head_is_rewritten(string head, string? expected)
    {
        var rewritten = NonAsciiHead.Rewrite(Encoding.Latin1.GetBytes(head), hasRequestLine: true);

        Assert.That(rewritten is null ? null : Encoding.Latin1.GetString(rewritten), Is.EqualTo(expected));
    }

    [Test]
    public async Task It_does_not_matter_where_a_head_is_torn([Values(false, true)] bool isBodyKnown, CancellationToken cancellationToken)
    {
        var all = Encoding.Latin1.GetBytes(
            $"GET /{Name} HTTP/1.1\r\nA: \u00e9\r\nB: x\r\n\r\n\u00e9\n\r\n\u00e9\n\r\nGET /\u00e9 HTTP/1.1\r\n\r\n"
        );
        for (var at = 0; at <= all.Length; at++)
        {
            var pipe = new Pipe();
            var input = new HeadInput(pipe.Reader);
            await pipe.Writer.WriteAsync(all.AsMemory(0, at), cancellationToken);
            var lines = new List<string>();
            var isTorn = true;
            for (var isOver = false; !isOver; )
            {
                if (!input.TryRead(out var result) && isTorn)
                {
                    isTorn = false;
                    await pipe.Writer.WriteAsync(all.AsMemory(at), cancellationToken);
                    await pipe.Writer.CompleteAsync();
                    continue;
                }

                isOver = Consume(result.Buffer, lines, input, isBodyKnown) && result.IsCompleted;
            }

            Assert.That(
                string.Concat(lines),
                Is.EqualTo(
                    $"GET /%C3%A9.txt HTTP/1.1\r\nA: \u00c3\u00a9\r\nB: x\r\n\r\n\u00e9\n\r\n\u00e9\n\r\n{(isBodyKnown ? "GET /%E9" : "GET /\u00e9")} HTTP/1.1\r\n\r\n"
                ),
                $"torn at {at}"
            );
        }
    }

    [Test]
    public async Task Raw_addresses_and_old_headers_are_answered(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync();

        Assert.That((await host.AskAsync($"GET /{Name} HTTP/1.1", cancellationToken)).Text, Is.EqualTo("content"));
        Assert.That(
            (await host.AskAsync("GET /x.txt HTTP/1.1\nUser-Agent: Fernseher f\u00fcr alle", cancellationToken)).Text,
            Is.EqualTo("plain")
        );
        Assert.That(
            (await host.AskAsync("GET /\u00e9.txt HTTP/1.1", cancellationToken)).Status,
            Is.EqualTo(400),
            "it is not known what is meant"
        );
    }

    [Test]
    public async Task Bodies_and_later_requests_of_the_connection_are_told_apart(
        [Range(0, 9)] int seed,
        CancellationToken cancellationToken
    )
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync(cancellationToken);
        var random = new Random(seed);
        var body =
            $"{Encoding.Latin1.GetString([.. Enumerable.Range(0, 256).Select(i => (byte)i)])}\r\n\r\nGET /{Name} HTTP/1.1\r\n\r\n\u00e9\n";
        var get = $"GET /{Name} HTTP/1.1\r\nHost: x\r\nA: \u00e9\r\n\r\n";
        var post = $"POST /{Name} HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        var chosen = Enumerable.Range(0, 12).Select(_ => random.Next(2) == 0 ? get : post).ToArray();
        var text = string.Concat(chosen);

        var sending = SendAsync();

        foreach (var request in chosen)
        {
            var answer = await client.ReadAsync(isHead: false, cancellationToken);
            Assert.That((answer.Status, Encoding.Latin1.GetString(answer.Body)), Is.EqualTo((200, request == get ? "content" : body)));
        }

        await sending;

        async Task SendAsync()
        {
            while (text.Length > 0)
            {
                var length = Math.Min(text.Length, random.Next(3) == 0 ? random.Next(1, 2000) : random.Next(1, 20));
                await client.SendRawAsync(text[..length], cancellationToken);
                text = text[length..];
            }
        }
    }

    [Test]
    public async Task A_chunked_body_is_not_touched(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync(cancellationToken);
        const string Post =
            "POST /x HTTP/1.1\r\nHost: x\r\nA: \u00e9\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n\u00e9\r\n\r\n\u00e9\n\u00e9x\r\n0\r\n\r\n";

        await client.SendRawAsync(Post + "GET /x.txt HTTP/1.1\r\nHost: x\r\n\r\n", cancellationToken);

        Assert.That(
            Encoding.Latin1.GetString((await client.ReadAsync(false, cancellationToken)).Body),
            Is.EqualTo("\u00e9\r\n\r\n\u00e9\n\u00e9x")
        );
        Assert.That((await client.ReadAsync(false, cancellationToken)).Text, Is.EqualTo("plain"));
    }

    private static async Task<ListenerHost> StartAsync()
    {
        var files = new MemoryFs();
        files.AddFile("/\u00e9.txt", "content"u8.ToArray());
        files.AddFile("/x.txt", "plain"u8.ToArray());
        return await ListenerHost.StartAsync(files);
    }

    // Line by line, as the server does; the body of the first request has two lines and then two more. True: nothing is left.
    private static bool Consume(ReadOnlySequence<byte> buffer, List<string> lines, HeadInput input, bool isBodyKnown)
    {
        var end = buffer.PositionOf((byte)'\n');
        if (end is null)
        {
            input.AdvanceTo(buffer.Start, buffer.End);
            return buffer.IsEmpty;
        }

        var line = Encoding.Latin1.GetString(buffer.Slice(0, buffer.GetPosition(1, end.Value)));
        lines.Add(line);
        input.AdvanceTo(buffer.GetPosition(1, end.Value));
        if (line == "\r\n" && lines.Count == 4)
        {
            input.BodyFollows(isBodyKnown ? 8 : null);
        }

        return false;
    }
}
