using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Whether the connected peers can give what is waited for. Guarded by the swarm's lock.</summary>
internal sealed class PeerSupply(SwarmState state, PeerTable peers, ReaderTable readers)
{
    /// <summary>A connection that has sent nothing for so long of what was asked is silent.</summary>
    public const long SilentFor = 5 * MonotonicClock.Second;

    private const long UnchokesWithin = 3 * MonotonicClock.Second;
    private const int FewPeers = 4;

    /// <summary>Which known peers are to be dialled sooner than usual.</summary>
    public DialNeed Need(long now)
    {
        if (state.Content is not { } content)
        {
            return peers.Count < FewPeers ? DialNeed.Any : DialNeed.None;
        }

        return LacksOwner(peers.Count == 0 ? 0 : MonotonicClock.Second, now) ? DialNeed.Any
            : content.Scheduler.IsAnythingMissing() ? DialNeed.More
            : DialNeed.None;
    }

    /// <summary>Whether a reader has waited for so long for a piece that no connected peer is able or willing to send.</summary>
    /// <param name="patience">Microseconds.</param>
    /// <param name="now">The time.</param>
    public bool LacksOwner(long patience, long now)
    {
        foreach (var reader in readers.All)
        {
            if (reader.BlockedOn >= 0 && now - reader.Window.BlockedSince >= patience && !HasOwner(reader.BlockedOn, now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a reader waits for a piece that no connected peer has.</summary>
    public bool IsPieceNowhere()
    {
        foreach (var reader in readers.All)
        {
            if (reader.BlockedOn >= 0 && !peers.HasPiece(reader.BlockedOn))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Was asked for blocks and has sent no byte for five seconds.</summary>
    public bool IsSilent(Peer peer, long now)
    {
        return state.Content is { } content
            && content.Scheduler.SilenceOf(peer.Slot, now) >= SilentFor
            && now - peer.LastReceivedAt >= SilentFor;
    }

    private bool HasOwner(int piece, long now)
    {
        foreach (var peer in peers.All)
        {
            if (
                peer.Have is { } have
                && have[piece]
                && (!peer.IsChoking || now - peer.ConnectedAt < UnchokesWithin)
                && !IsSilent(peer, now)
                && !peer.IsClosed
            )
            {
                return true;
            }
        }

        return false;
    }
}
