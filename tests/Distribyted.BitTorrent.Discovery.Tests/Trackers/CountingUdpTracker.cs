using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>The least that BEP 15 asks of a tracker, and some things that it forbids.</summary>
internal sealed class CountingUdpTracker : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Socket _elsewhere;
    private readonly SemaphoreSlim _connected = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private volatile byte _id = 1; // the first byte of every connection id
    private int _refused;

    public CountingUdpTracker()
        : this(IPAddress.Loopback) { }

    public CountingUdpTracker(IPAddress address, int port = 0)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _elsewhere = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, port));
        _elsewhere.Bind(new IPEndPoint(address, 0));
        _serving = ServeAsync();
    }

    public Uri Url => new($"udp://{_socket.LocalEndPoint}/announce");

    public int Connects { get; private set; }

    public int Announces { get; private set; }

    public bool AnswersFromElsewhere { get; init; }

    /// <summary>Announces that got no answer, or only a refusal of their connection id.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Whether an unknown connection id is answered with an error, or not at all.</summary>
    public bool RefusesOldIdsAloud { get; init; }

    public bool AnswersAnnounces { get; init; } = true;

    /// <summary>Sent before each answer.</summary>
    public byte[]? Nonsense { get; init; }

    /// <summary>As a tracker that was started anew.</summary>
    public void ForgetConnections()
    {
        _id++;
    }

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
                var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
                var received = await _socket.ReceiveFromAsync(packet, SocketFlags.None, any, _stop.Token);
                var isConnect = packet[11] == 0;
                if (!isConnect && (packet[0] != _id || !AnswersAnnounces))
                {
                    if (RefusesOldIdsAloud)
                    {
                        await SendAsync([0, 0, 0, 3, 0, 0, 0, 0, .. "unknown"u8], packet, received.RemoteEndPoint);
                    }

                    Interlocked.Increment(ref _refused);
                    continue;
                }

                (Connects, Announces) = isConnect ? (Connects + 1, Announces) : (Connects, Announces + 1); // before anybody can have the answer
                if (Nonsense is not null)
                {
                    await SendAsync([.. Nonsense], packet, received.RemoteEndPoint);
                }

                await SendAsync(
                    isConnect ? [0, 0, 0, 0, 0, 0, 0, 0, _id, 2, 3, 4, 5, 6, 7, 8] : [0, 0, 0, 1, .. new byte[16]],
                    packet,
                    received.RemoteEndPoint
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

    private async Task SendAsync(byte[] reply, byte[] question, EndPoint to)
    {
        if (reply.Length >= 8)
        {
            question.AsSpan(12, 4).CopyTo(reply.AsSpan(4));
        }

        await (AnswersFromElsewhere ? _elsewhere : _socket).SendToAsync(reply, SocketFlags.None, to, _stop.Token);
    }
}
