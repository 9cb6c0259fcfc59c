using System.Net;
using System.Net.Sockets;

namespace Distribyted.Testing;

/// <summary>Accepts connections on a port of loopback and serves each of them on its own, until it is disposed.</summary>
internal sealed class LoopbackListener : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly Task _accepting;

    /// <param name="serve">Owns its socket. Ends when the token is cancelled; throws nothing.</param>
    /// <param name="port">0: any that is free.</param>
    public LoopbackListener(Func<Socket, CancellationToken, Task> serve, int port = 0)
    {
        _serve = serve;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

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
                serving.Add(_serve(await _listener.AcceptSocketAsync(_stop.Token), _stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // it was stopped, or is closed
        {
            await Task.WhenAll(serving);
        }
    }
}
