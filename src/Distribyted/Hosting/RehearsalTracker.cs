using System.Net;
using System.Net.Sockets;

namespace Distribyted.Hosting;

/// <summary>An HTTP tracker on the loopback address that gives every client the same peer.</summary>
internal sealed class RehearsalTracker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _answer;
    private readonly Task _serving;

    /// <summary>Listens.</summary>
    /// <param name="peerPort">The peer's port on 127.0.0.1.</param>
    /// <exception cref="SocketException">No port is free.</exception>
    public RehearsalTracker(int peerPort)
    {
        _answer =
        [
            .. "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 33\r\nConnection: close\r\n\r\nd8:intervali1800e5:peers6:"u8,
            127,
            0,
            0,
            1,
            (byte)(peerPort >> 8),
            (byte)peerPort,
            (byte)'e',
        ];
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where to announce.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}/announce";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var request = new byte[4096]; // an announce comes in one packet
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptSocketAsync(_stop.Token);
                await client.ReceiveAsync(request, _stop.Token);
                await client.SendAsync(_answer, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The rehearsal is over.
        }
    }
}
