using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Opens connections: at most so many dials under way in the whole process; connecting has five seconds, the handshake ten.</summary>
internal sealed class PeerDialer(SwarmServices services) : IDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5); // the first packet and two more, after one and three seconds
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _halfOpen = new(services.Options.MaxHalfOpen);

    /// <summary>Dials in the background; the swarm hears of the end by <see cref="Swarm.DialEnded"/> and, if it worked, of the connection's life.</summary>
    public void Dial(Swarm swarm, PeerEndPoint peer, CancellationToken cancellationToken)
    {
        _ = DialAsync(swarm, peer, cancellationToken);
    }

    public void Dispose()
    {
        _halfOpen.Dispose();
    }

    private async Task DialAsync(Swarm swarm, PeerEndPoint peer, CancellationToken cancellationToken)
    {
        PeerConnection? connection = null;
        ReadOnlyMemory<byte> rest = default;
        try
        {
            await _halfOpen.WaitAsync(cancellationToken);
            try
            {
                (connection, rest) = await OpenAsync(swarm, peer, cancellationToken);
            }
            finally
            {
                _halfOpen.Release();
            }
        }
        catch (Exception e) // whatever it is: the swarm must hear that the dial has ended
        {
            services.Log.DialFailed(swarm.InfoHash, peer, e.Message);
        }

        var joined = connection is not null && swarm.TryJoin(connection);
        swarm.DialEnded(peer, joined);
        if (joined)
        {
            await connection!.RunAsync(rest);
        }
        else
        {
            connection?.Dispose();
        }
    }

    private async Task<(PeerConnection, ReadOnlyMemory<byte>)> OpenAsync(
        Swarm swarm,
        PeerEndPoint peer,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(ConnectTime, services.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var from = services.Options.BindAddresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetworkV6 == peer.IsIPv6);
        if (from is null && services.Options.BindAddresses.Count > 0)
        {
            throw new IOException("No address to leave from.");
        }

        var started = services.Clock.Now;
        var transport = await TcpTransport.ConnectAsync(peer, from, either.Token);
        try
        {
            deadline.CancelAfter(HandshakeTime);
            var rtt = services.Clock.Now - started;
            var hello = new byte[Handshake.Length];
            new Handshake(swarm.InfoHash, services.PeerId).Write(hello);
            started = services.Clock.Now;
            await transport.SendAsync(hello, either.Token);
            var buffer = new byte[4096]; // a peer sends its bitfield and extension handshake right behind
            var have = 0;
            Handshake handshake;
            while (!Handshake.TryRead(buffer.AsSpan(0, have), out handshake))
            {
                var count = await transport.ReceiveAsync(buffer.AsMemory(have), either.Token);
                if (count == 0)
                {
                    throw new IOException("Closed during the handshake.");
                }

                if (have == 0)
                {
                    rtt = Math.Min(rtt, services.Clock.Now - started);
                }

                have += count;
            }

            if (handshake.InfoHash != swarm.InfoHash)
            {
                throw new ProtocolException(ProtocolError.Invalid, "The peer answers for another torrent.");
            }

            return (
                new PeerConnection(swarm, transport, handshake, isOutgoing: true, rtt),
                buffer.AsMemory(Handshake.Length, have - Handshake.Length)
            );
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }
}
