using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>Asks a router by single datagrams: PCP and NAT-PMP. Each request has a socket of its own, connected, so that only the router can answer it.</summary>
/// <param name="own">Our address in the router's network.</param>
/// <param name="router">Where it listens.</param>
/// <param name="time">The clock.</param>
internal sealed class ControlSocket(IPAddress own, IPEndPoint router, TimeProvider time)
{
    private const int MaxDatagram = 1100; // RFC 6887, section 7

    // RFC 6886 begins with 250 ms and sends nine times in a minute, RFC 6887 begins with 3 s. Busy routers take more than 250 ms and then make a mapping twice
    // (seen with miniupnpd 2.3.1 and IPv6); UPnP waits behind us; and who does not answer now is asked again later.
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.75), TimeSpan.FromSeconds(1)];

    /// <summary>Our address in the router's network.</summary>
    public IPAddress Own => own;

    /// <summary>Sends a request, again when no answer comes.</summary>
    /// <param name="request">The datagram.</param>
    /// <param name="isAnswer">Whether a datagram of the router answers it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer; null: none came.</returns>
    public async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> request, Predicate<byte[]> isAnswer, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(router.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(own, 0));
            await socket.ConnectAsync(router, cancellationToken);
            foreach (var wait in Waits)
            {
                await socket.SendAsync(request, SocketFlags.None, cancellationToken);
                if (await ReceiveAsync(socket, isAnswer, wait, cancellationToken) is { } answer)
                {
                    return answer;
                }
            }
        }
        catch (SocketException)
        {
            // no such address any more, unreachable, or nothing listens there (ICMP)
        }

        return null;
    }

    private async Task<byte[]?> ReceiveAsync(Socket socket, Predicate<byte[]> isAnswer, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var buffer = new byte[MaxDatagram + 1]; // one more: then the codec sees that it is too long
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, either.Token);
                var datagram = buffer[..length];
                if (isAnswer(datagram))
                {
                    return datagram;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
