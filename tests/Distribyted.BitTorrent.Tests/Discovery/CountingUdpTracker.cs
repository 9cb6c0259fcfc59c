using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Tests.Discovery;

/// <summary>The least that BEP 15 asks of a tracker, and some things that it forbids.</summary>
internal sealed class CountingUdpTracker : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _elsewhere = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SemaphoreSlim _connected = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public CountingUdpTracker()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _elsewhere.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync();
    }

    public Uri Url => new($"udp://{_socket.LocalEndPoint}/announce");

    public int Connects { get; private set; }

    public int Announces { get; private set; }

    public bool AnswersFromElsewhere { get; init; }

    public byte[]? Nonsense { get; init; }

    public Task WaitForConnectAsync(CancellationToken cancellationToken)
    {
        return _connected.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _elsewhere.Dispose();
        _stop.Dispose();
        _connected.Dispose();
    }

    private async Task ServeAsync()
    {
        var packet = new byte[2048];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(packet, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var isConnect = packet[11] == 0;
                (Connects, Announces) = isConnect ? (Connects + 1, Announces) : (Connects, Announces + 1); // before anybody can have the answer
                byte[] reply = isConnect ? [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8] : [0, 0, 0, 1, .. new byte[16]];
                reply = Nonsense?.ToArray() ?? reply;
                if (reply.Length >= 8)
                {
                    packet.AsSpan(12, 4).CopyTo(reply.AsSpan(4));
                }

                await (AnswersFromElsewhere ? _elsewhere : _socket).SendToAsync(
                    reply,
                    SocketFlags.None,
                    received.RemoteEndPoint,
                    _stop.Token
                );
                if (isConnect)
                {
                    _connected.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
