namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Looks at a piece for users. Pure; changes nothing, and is called when a user asks.</summary>
internal static class PieceReports
{
    /// <summary>How far a piece is; null: it is not being fetched.</summary>
    public static PieceReport? Of(int piece, PieceStates pieces, PeerStates peers, long now)
    {
        if (!pieces.TryGet(piece, out var state))
        {
            return null;
        }

        List<AskedPeer> from = [];
        foreach (var peer in peers.All)
        {
            if (peer is not { Alive: true })
            {
                continue;
            }

            var (blocks, last) = (0, 0L);
            for (var i = 0; i < peer.Requests.Count; i++)
            {
                ref var request = ref peer.Requests[i];
                if (request.Piece == piece && !request.IsCancelled)
                {
                    blocks++;
                    last = peer.ArrivalOf(i, now);
                }
            }

            if (blocks > 0)
            {
                from.Add(new AskedPeer(peer.Slot, blocks, last, peer.Stalled));
            }
        }

        return new PieceReport(state.Blocks, state.Filled, from) { InFlight = state.Busy - state.Filled };
    }
}
