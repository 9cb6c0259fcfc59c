using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Whether connections are alive, and what keeps them so. Guarded by the swarm's lock.</summary>
internal sealed class ConnectionChecks(SwarmState state, PeerTable peers)
{
    private const long IdleLimit = 150 * MonotonicClock.Second; // BEP 3 clients send a keep-alive every two minutes
    private const long KeepAliveEvery = 90 * MonotonicClock.Second;

    /// <summary>Once a second.</summary>
    public void Heartbeat(long now)
    {
        foreach (var peer in peers.All)
        {
            if (peer.Connection.Look(now))
            {
                state.Content?.Scheduler.Heard(peer.Slot, now);
            }

            if (now - peer.LastReceivedAt > IdleLimit)
            {
                state.Lock.CloseLater(peer);
            }
            else if (now - peer.LastSentAt > KeepAliveEvery)
            {
                KeepAlive(peer);
            }
        }
    }

    /// <summary>All connections are to give a sign of life now, or end within seconds.</summary>
    public void Probe(long now)
    {
        foreach (var peer in peers.All)
        {
            peer.Connection.Probe(now);
            KeepAlive(peer);
        }
    }

    private void KeepAlive(Peer peer)
    {
        Span<byte> message = stackalloc byte[8];
        state.Lock.Post(peer, message[..PeerMessageWriter.WriteKeepAlive(message)]);
    }
}
