using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Distribyted.Testing;

namespace Distribyted.Lab.Tests;

/// <summary>Sends back what it gets.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly ConcurrentQueue<IPEndPoint> _callers = new();

    public EchoServer()
    {
        _listener = new LoopbackListener(EchoAsync);
    }

    public IPEndPoint EndPoint => _listener.EndPoint;

    public IReadOnlyCollection<IPEndPoint> Callers => _callers;

    public ValueTask DisposeAsync()
    {
        return _listener.DisposeAsync();
    }

    private async Task EchoAsync(Socket socket, CancellationToken cancellationToken)
    {
        using (socket)
        {
            try
            {
                _callers.Enqueue((IPEndPoint)socket.RemoteEndPoint!);
                socket.NoDelay = true;
                var buffer = new byte[64 * 1024];
                for (int read; (read = await socket.ReceiveAsync(buffer, cancellationToken)) > 0; )
                {
                    for (var sent = 0; sent < read; )
                    {
                        sent += await socket.SendAsync(buffer.AsMemory(sent, read - sent), cancellationToken);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The caller left, or the test is over.
            }
        }
    }
}
