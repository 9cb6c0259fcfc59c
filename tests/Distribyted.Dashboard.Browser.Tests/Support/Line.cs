using System.Net;
using System.Net.Sockets;

namespace Distribyted.Dashboard.Browser.Tests.Support;

/// <summary>The line between a browser and a server on loopback: it can be cut, with every connection over it, and restored.</summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Func<int> _server;
    private readonly Lock _lock = new();
    private CancellationTokenSource _connections = new(); // guarded by _lock

    /// <param name="server">The port of the server; asked for each connection.</param>
    public Line(Func<int> server)
    {
        _server = server;
        _listener = new LoopbackListener(ServeAsync);
    }

    /// <summary>The server as the browser sees it.</summary>
    public Uri Web => new($"http://127.0.0.1:{_listener.EndPoint.Port}/");

    /// <summary>Closes all connections, and those that are opened from now on at once.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _connections.Cancel();
        }
    }

    /// <summary>Connections that are opened from now on reach the server again.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            _connections = new CancellationTokenSource();
        }
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return _listener.DisposeAsync();
    }

    private async Task ServeAsync(Socket browser, CancellationToken cancellationToken)
    {
        CancellationToken connected;
        lock (_lock)
        {
            connected = _connections.Token;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connected);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            browser.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _server(), end.Token);
            await Task.WhenAny(CopyAsync(browser, server, end.Token), CopyAsync(server, browser, end.Token));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The server does not listen, or the line is cut.
        }
        finally
        {
            await end.CancelAsync();
            browser.Dispose();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, cancellationToken)) > 0)
            {
                for (var sent = 0; sent < count; )
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It ended.
        }
    }
}
