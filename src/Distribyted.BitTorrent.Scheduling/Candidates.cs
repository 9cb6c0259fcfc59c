using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>The peers that may be asked in one run, and when each would have sent the next block.</summary>
internal sealed class Candidates(PieceLayout layout, SchedulerLimits limits, PeerStates peers, RequestBook requests, Probation probation)
{
    /// <summary>How many blocks are looked at in one run.</summary>
    public const int LookAhead = 600;

    private Candidate[] _candidates = [];
    private long[] _arrivals = []; // of those that may serve the piece marked last; the others are never first
    private int _count;

    /// <summary>Requests that all of them may have in addition.</summary>
    public int FreeSlots { get; private set; }

    public Span<Candidate> All => _candidates.AsSpan(0, _count);

    /// <summary>Finds them anew.</summary>
    public void Collect(long now)
    {
        _count = 0;
        FreeSlots = 0;
        if (_candidates.Length < peers.All.Length)
        {
            _candidates = new Candidate[peers.All.Length];
            _arrivals = new long[peers.All.Length];
        }

        foreach (var peer in peers.All)
        {
            if (!peer.Alive || peer.Dropped || peer.Stalled || (peer.Choked && peer.Allowed.IsEmpty))
            {
                continue;
            }

            ref var candidate = ref _candidates[_count++];
            candidate.Peer = peer;
            candidate.Others = 0;
            candidate.BlockTime = peer.BlockTime;
            candidate.Arrival = peer.ArrivalIfAsked(now);
            candidate.Free = Math.Max(0, peer.Depth(limits.MaxOutstanding) - peer.Requests.Count);
            FreeSlots += candidate.Free;
        }
    }

    /// <summary>
    /// A slow peer nearly always has a free slot and would be first only for a block far behind: before its answer comes, the others will have sent
    /// more blocks than are looked at here. Passing over it spares looking at all of them, at every event.
    /// </summary>
    public void PassOverSlow()
    {
        foreach (ref var slow in All)
        {
            if (slow.Free > 0 && IsOutrun(slow))
            {
                FreeSlots -= slow.Free;
                slow.Free = 0;
            }
        }
    }

    /// <summary>Marks those that may be asked for blocks of this piece.</summary>
    /// <returns>Whether there are any.</returns>
    public bool MarkEligible(int piece, PieceState? open, bool urgent)
    {
        var any = false;
        for (var i = 0; i < _count; i++)
        {
            ref var candidate = ref _candidates[i];
            var eligible = Probation.MayServe(candidate.Peer, piece, open, urgent);
            _arrivals[i] = eligible ? candidate.Arrival : long.MaxValue;
            any |= eligible;
        }

        return any;
    }

    /// <summary>The one of those marked that would have sent the next block first; -1: it is busy now, and the block is left for it.</summary>
    public int Next(long now)
    {
        var first = First();
        ref var candidate = ref _candidates[first];
        if (candidate.Free > 0)
        {
            return first;
        }

        candidate.Others++;
        candidate.Arrival = candidate.Peer.ArrivalIfAsked(now, candidate.Others);
        _arrivals[first] = candidate.Arrival;
        return -1;
    }

    /// <summary>Asks one for a block.</summary>
    public void Ask(int index, PieceState piece, int block, bool urgent, scoped ref AssignmentRun run)
    {
        ref var candidate = ref _candidates[index];
        run.Spend(layout.BlockLengthOf(piece.Piece, block), urgent);
        requests.Ask(candidate.Peer, piece, block, run.Output, run.Now);
        probation.Asked(candidate.Peer, piece.Piece);
        if (piece.Busy == piece.Blocks)
        {
            probation.AllAsked(piece.Piece);
        }

        candidate.Free--;
        FreeSlots--;
        candidate.Arrival = candidate.Peer.ArrivalIfAsked(run.Now, candidate.Others);
        _arrivals[index] = candidate.Arrival;
    }

    private int First()
    {
        var best = 0;
        var arrivals = _arrivals.AsSpan(0, _count);
        for (var i = 1; i < arrivals.Length; i++)
        {
            best = arrivals[i] < arrivals[best] ? i : best;
        }

        return best;
    }

    private bool IsOutrun(in Candidate slow)
    {
        var before = 0L;
        for (var i = 0; i < _count && before <= LookAhead; i++)
        {
            ref var other = ref _candidates[i];
            var peer = other.Peer; // a peer that lacks the piece, or may not serve it, is no alternative
            var counts = other.Arrival < slow.Arrival && peer.Has.IsAll && !peer.Choked && (peer.IsTrusted || peer.ProbationPiece < 0);
            before += counts ? (slow.Arrival - other.Arrival) / other.BlockTime : 0;
        }

        return before > LookAhead;
    }
}
