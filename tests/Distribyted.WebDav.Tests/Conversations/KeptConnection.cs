using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Distribyted.WebDav.Tests.Conversations;

/// <summary>A connection that stays open from request to request, as clients keep it. An answer ends where its Content-Length says: one without
/// a length, or with a wrong one, breaks the next step.</summary>
internal sealed class KeptConnection(DavServer server) : IAsyncDisposable
{
    private NetworkStream? _stream;

    /// <summary>Sends a request, the body in a segment of its own (as neon and libsoup do).</summary>
    public async Task SendAsync(string requestLine, string[] headers, byte[]? body)
    {
        if (_stream is null)
        {
            var socket = await server.ConnectAsync();
            socket.NoDelay = true;
            _stream = new NetworkStream(socket, ownsSocket: true);
        }

        await _stream.WriteAsync(Encoding.UTF8.GetBytes(Head(requestLine, headers, body)));
        if (body is { Length: > 0 })
        {
            await _stream.WriteAsync(body);
        }
    }

    /// <summary>Reads one answer.</summary>
    public async Task<Answer> ReadAsync(string step, bool isHead)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var head = await ReadHeadAsync(step, deadline.Token);
        if (head.AsSpan().StartsWith("HTTP/1.1 100 "u8))
        {
            return await ReadAsync(step, isHead);
        }

        var answer = Answer.Parse(head);
        if (isHead || answer.Status is 204 or 304)
        {
            return answer;
        }

        Assert.That(answer.Header("Content-Length"), Is.Not.Null, $"{step}: {answer.Head}");
        var body = new byte[int.Parse(answer.Header("Content-Length")!, CultureInfo.InvariantCulture)];
        await _stream!.ReadExactlyAsync(body, deadline.Token);
        return answer with { Body = body };
    }

    /// <summary>Goes away without reading the answer; the next request has a new connection.</summary>
    public async Task DropAsync()
    {
        await DisposeAsync();
        _stream = null;
    }

    public ValueTask DisposeAsync()
    {
        return _stream?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    // Byte by byte: what follows the head belongs to the body, what follows the body to the next answer.
    private async Task<byte[]> ReadHeadAsync(string step, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || head[^1] != '\n' || head[^3] != '\n')
        {
            var read = await _stream!.ReadAsync(one, cancellationToken);
            Assert.That(read, Is.EqualTo(1), $"{step}: the connection ended after \"{Encoding.UTF8.GetString([.. head])}\"");
            head.Add(one[0]);
        }

        return [.. head];
    }

    private string Head(string requestLine, string[] headers, byte[]? body)
    {
        bool Has(string name) => headers.Any(header => header.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
        var head = new StringBuilder(requestLine).Append(" HTTP/1.1\r\n");
        head.Append(Has("Host") ? "" : $"Host: {server.Host}\r\n");
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        head.Append(
            body is null || Has("Content-Length") || Has("Transfer-Encoding")
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n")
        );
        return head.Append("\r\n").ToString();
    }
}
