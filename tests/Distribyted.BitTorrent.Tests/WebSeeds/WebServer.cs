using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.WebSeeds;

/// <summary>A web server on loopback that serves one content under any path, or does to a request what the test wants.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly List<Request> _requests = [];
    private int _connections;

    private WebServer(int port)
    {
        _listener = new LoopbackListener(ServeAsync, port);
    }

    /// <summary>Files by their path, as it stands in the request.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers a request instead of the file; false: the file is sent as usual.</summary>
    public Func<Request, Stream, CancellationToken, Task<bool>>? Answer { get; set; }

    public int Port => _listener.EndPoint.Port;

    public string Root => $"http://127.0.0.1:{Port}/";

    public int Connections => Volatile.Read(ref _connections);

    public IReadOnlyList<Request> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static WebServer Start(int port = 0)
    {
        return new WebServer(port);
    }

    /// <summary>A server with one file.</summary>
    public static WebServer Start(string path, byte[] content)
    {
        var server = new WebServer(0);
        server.Files[path] = content;
        return server;
    }

    public static async Task SendAsync(Stream stream, string head, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: {body.Length}\r\n\r\n"), cancellationToken);
        await stream.WriteAsync(body, cancellationToken);
    }

    /// <summary>Sends what was requested, with these bytes.</summary>
    public static Task SendRangeAsync(Stream stream, Request request, byte[] content, CancellationToken cancellationToken)
    {
        var from = (int)(request.From ?? 0);
        var to = (int)(request.To ?? (content.Length - 1));
        return SendAsync(
            stream,
            $"206 Partial Content\r\nContent-Range: bytes {from}-{to}/{content.Length}",
            content.AsMemory(from, to - from + 1),
            cancellationToken
        );
    }

    public Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        return Waiting.UntilAsync(condition, () => string.Join('\n', Requests), cancellationToken, "web server");
    }

    public ValueTask DisposeAsync()
    {
        return _listener.DisposeAsync();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await ReadHeadAsync(stream, cancellationToken) is { } head)
            {
                var request = Request.Of(head);
                lock (_requests)
                {
                    _requests.Add(request);
                }

                if (Answer is { } answer && await answer(request, stream, cancellationToken))
                {
                    continue;
                }

                if (Files.TryGetValue(request.Path, out var content))
                {
                    await SendRangeAsync(stream, request, content, cancellationToken);
                }
                else
                {
                    await SendAsync(stream, "404 Not Found", default, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client had enough, or the test.
        }
    }

    private static async Task<string?> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new byte[8192];
        var length = 0;
        while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(head.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(head, 0, length);
    }

    /// <summary>A request, with the range that it names.</summary>
    internal sealed record Request(string Path, string Head, long? From, long? To)
    {
        public static Request Of(string head)
        {
            var target = head.Split(' ')[1];
            var range = head.Split("\r\n").FirstOrDefault(static l => l.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase));
            var numbers = range?[13..].Split('-');
            return new Request(
                target,
                head,
                numbers is null ? null : long.Parse(numbers[0], CultureInfo.InvariantCulture),
                numbers is null ? null : long.Parse(numbers[1], CultureInfo.InvariantCulture)
            );
        }
    }
}
