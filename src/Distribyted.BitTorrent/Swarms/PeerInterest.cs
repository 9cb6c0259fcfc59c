using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Which peers are told that we are interested. Guarded by the swarm's lock.</summary>
/// <remarks>The unchoke may be under way while metadata and file names are: interest is shown before it is known what will be read.</remarks>
internal sealed class PeerInterest(SwarmState state, PeerTable peers)
{
    private const long Lasts = 60 * MonotonicClock.Second; // as the scheduler's

    public void Set(Peer peer, bool isInterested)
    {
        state.Lock.AssertHeld();
        if (peer.AmInterested == isInterested)
        {
            return;
        }

        peer.AmInterested = isInterested;
        peer.AmInterestedSince = state.Clock.Now;
        Span<byte> message = stackalloc byte[8];
        var length = isInterested ? PeerMessageWriter.WriteInterested(message) : PeerMessageWriter.WriteNotInterested(message);
        state.Lock.Post(peer, message[..length]);
    }

    /// <summary>Shows interest before anything is wanted of the peer.</summary>
    public void Show(Peer peer, long now)
    {
        peer.InterestShownAt = now;
        Set(peer, true);
    }

    /// <inheritdoc cref="Show"/>
    public void ShowToAll(long now)
    {
        foreach (var peer in peers.All)
        {
            Show(peer, now);
        }
    }

    /// <summary>Interest that was shown early ends after a minute in which nothing was wanted of the peer; the scheduler's own it ends itself.</summary>
    public void Expire(long now)
    {
        if (state.Content is not { } content)
        {
            return; // its pieces are not known yet
        }

        foreach (var peer in peers.All)
        {
            if (content.Scheduler.IsInterested(peer.Slot))
            {
                peer.InterestShownAt = now;
            }
            else if (now - peer.InterestShownAt >= Lasts)
            {
                Set(peer, false);
            }
        }
    }
}
