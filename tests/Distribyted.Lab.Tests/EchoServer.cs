using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Distribyted.Lab.Tests;

/// <summary>Sends back what it gets.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<IPEndPoint> _callers = new();
    private readonly Task _accepting;

    public EchoServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public IReadOnlyCollection<IPEndPoint> Callers => _callers;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(EchoAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                _callers.Enqueue((IPEndPoint)socket.RemoteEndPoint!);
                socket.NoDelay = true;
                var buffer = new byte[64 * 1024];
                for (int read; (read = await socket.ReceiveAsync(buffer, _stop.Token)) > 0; )
                {
                    for (var sent = 0; sent < read; )
                    {
                        sent += await socket.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
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
