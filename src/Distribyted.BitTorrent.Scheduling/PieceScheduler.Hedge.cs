namespace Distribyted.BitTorrent.Scheduling;

/// <content>Asking twice: a block that a reader waits for and whose owner is late is asked of another peer too (Dean and Barroso, The Tail at Scale).</content>
public sealed partial class PieceScheduler
{
    private const double HedgeBurst = 64;

    private int _lateCount;
    private long _lookedForLateAt;
    private (long Arrival, int Piece, int Block)[] _late = new (long, int, int)[64];

    /// <summary>Every 20 ms: what is expected later than it is needed, the latest first.</summary>
    private void FindLate(long now)
    {
        _lookedForLateAt = now;
        _lateCount = 0;
        foreach (var peer in _peers)
        {
            for (var i = 0; peer.Alive && i < peer.Requests.Count; i++)
            {
                ref var request = ref peer.Requests[i];
                if (
                    request.IsCancelled
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

                if (_lateCount == _late.Length)
                {
                    Array.Resize(ref _late, _lateCount * 2);
                }

                _late[_lateCount++] = (arrival, request.Piece, request.Block);
            }
        }

        _late
            .AsSpan(0, _lateCount)
            .Sort(
                static (a, b) => a.Arrival != b.Arrival ? b.Arrival.CompareTo(a.Arrival) : (a.Piece, a.Block).CompareTo((b.Piece, b.Block))
            );
    }

    /// <summary>Comes before read-ahead takes the slots that have just become free.</summary>
    private void Hedge(CommandBuffer output, long now)
    {
        for (var i = 0; i < _lateCount && _freeSlots > 0; i++)
        {
            if (_openByPiece.TryGetValue(_late[i].Piece, out var piece) && !piece.IsFilled(_late[i].Block))
            {
                HedgeBlock(piece, _late[i].Block, output, now);
            }
        }
    }

    private void HedgeBlock(PieceState piece, int block, CommandBuffer output, long now)
    {
        var owners = piece.OwnersOf(block);
        if (owners[0] < 0 || owners[^1] >= 0)
        {
            return;
        }

        var arrival = long.MaxValue; // the earliest answer counts
        var lost = true; // every owner is stalled: asking another is no luxury
        foreach (var owner in owners)
        {
            if (owner >= 0 && _peers[owner].Requests.Find(piece.Piece, block) is var at and >= 0)
            {
                arrival = Math.Min(arrival, _peers[owner].ArrivalOf(at, now));
                lost &= _peers[owner].Stalled;
            }
        }

        if (!lost && _hedgeTokens < 1)
        {
            return;
        }

        var best = -1;
        for (var i = 0; i < _candidateCount; i++)
        {
            ref var candidate = ref _candidates[i];
            if (
                candidate.Free > 0
                && (best < 0 || candidate.Arrival < _candidates[best].Arrival)
                && MayServe(candidate.Peer, piece.Piece, piece)
                && !SharesLine(owners, candidate.Peer)
            )
            {
                best = i;
            }
        }

        var bytes = layout.BlockLengthOf(piece.Piece, block);
        if (best < 0 || bytes > _mayUrgent || (_candidates[best].Arrival - now) * 3 / 2 >= arrival - now)
        {
            return;
        }

        _hedgeTokens--;
        Hedges++;
        Give(ref _candidates[best], piece, block, true, output, now);
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
