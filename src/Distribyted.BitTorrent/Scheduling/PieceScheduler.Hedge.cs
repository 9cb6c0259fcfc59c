namespace Distribyted.BitTorrent.Scheduling;

/// <content>Asking twice: a block that somebody waits for and whose owner is late is asked of another peer too (Dean and Barroso, The Tail at Scale).</content>
internal sealed partial class PieceScheduler
{
    private const double HedgeBurst = 64;

    private (long Arrival, int Piece, int Block)[] _late = new (long, int, int)[64];

    private void Hedge(CommandBuffer output, long now)
    {
        var count = 0;
        foreach (var peer in _peers)
        {
            for (var i = 0; peer.Alive && i < peer.Requests.Count; i++)
            {
                ref var request = ref peer.Requests[i];
                if (
                    request.IsZombie
                    || !_openByPiece.TryGetValue(request.Piece, out var piece)
                    || piece.Deadline == long.MaxValue
                    || piece.OnlyFrom >= 0
                )
                {
                    continue;
                }

                var arrival = peer.ArrivalOf(i, now);
                if (arrival <= piece.Deadline)
                {
                    continue;
                }

                if (count == _late.Length)
                {
                    Array.Resize(ref _late, count * 2);
                }

                _late[count++] = (arrival, request.Piece, request.Block);
            }
        }

        _late
            .AsSpan(0, count)
            .Sort(
                static (a, b) => a.Arrival != b.Arrival ? b.Arrival.CompareTo(a.Arrival) : (a.Piece, a.Block).CompareTo((b.Piece, b.Block))
            );
        for (var i = 0; i < count && _hedgeTokens >= 1; i++)
        {
            HedgeBlock(_openByPiece[_late[i].Piece], _late[i].Block, _late[i].Arrival, output, now);
        }
    }

    private void HedgeBlock(PieceState piece, int block, long arrival, CommandBuffer output, long now)
    {
        var owners = piece.OwnersOf(block);
        if (owners[^1] >= 0)
        {
            return;
        }

        foreach (var owner in owners)
        {
            // Asked twice already: the earliest answer counts.
            if (owner >= 0 && _peers[owner].Requests.Find(piece.Piece, block) is var at and >= 0)
            {
                arrival = Math.Min(arrival, _peers[owner].ArrivalOf(at, now));
            }
        }

        PeerState? best = null;
        foreach (var peer in _peers)
        {
            if (
                peer.Alive
                && !peer.Stalled
                && !peer.Dropped
                && peer.Requests.Count < peer.Depth(limits.MaxOutstanding)
                && MayServe(peer, piece.Piece, piece)
                && !SharesLine(owners, peer)
                && (best is null || peer.ArrivalIfAsked(now) < best.ArrivalIfAsked(now))
            )
            {
                best = peer;
            }
        }

        var bytes = layout.BlockLengthOf(piece.Piece, block);
        if (best is null || bytes > _mayUrgent || (best.ArrivalIfAsked(now) - now) * 3 / 2 >= arrival - now)
        {
            return;
        }

        _mayUrgent -= _mayUrgent != long.MaxValue ? bytes : 0;
        _mayAhead -= _mayAhead != long.MaxValue ? bytes : 0;
        _hedgeTokens--;
        Hedges++;
        Request(best, piece, block, output, now);
    }

    private bool SharesLine(ReadOnlySpan<short> owners, PeerState peer)
    {
        foreach (var owner in owners)
        {
            if (owner >= 0 && _peers[owner].Traits.HostKey == peer.Traits.HostKey)
            {
                return true;
            }
        }

        return false;
    }
}
