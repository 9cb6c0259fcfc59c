using System.Net.Sockets;
using System.Text;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>Answers every connection with bytes that the test chooses, from the request's head. For servers that no library would make.</summary>
internal sealed class RawHttpServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Func<string, Stream, CancellationToken, Task> _serve;
    private readonly List<string> _heads = [];

    public RawHttpServer(Func<string, Stream, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener = new LoopbackListener(ServeAsync);
    }

    public RawHttpServer(string headers, byte[] body)
        : this(
            async (_, stream, token) =>
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{headers}\r\nContent-Length: {body.Length}\r\n\r\n"), token);
                await stream.WriteAsync(body, token);
            }
        ) { }

    public int Port => _listener.EndPoint.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/announce");

    public IReadOnlyList<string> Heads
    {
        get
        {
            lock (_heads)
            {
                return [.. _heads];
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        return _listener.DisposeAsync();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var head = new byte[8192];
            var length = 0;
            while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
            {
                var read = await stream.ReadAsync(head.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    return;
                }

                length += read;
            }

            var text = Encoding.ASCII.GetString(head, 0, length);
            lock (_heads)
            {
                _heads.Add(text);
            }

            await _serve(text, stream, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The client had enough.
        }
    }
}
