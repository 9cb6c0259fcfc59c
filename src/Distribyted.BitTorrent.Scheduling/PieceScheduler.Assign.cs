using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <content>Giving out blocks: in order of need, each to the peer that would have sent it first, even if that one is busy now.</content>
public sealed partial class PieceScheduler
{
    private void Assign(IPieceAdmission admission, CommandBuffer output, long now)
    {
        _steps = 0;
        CollectCandidates(now);
        PassOverSlow();
        if (_freeSlots == 0)
        {
            return;
        }

        Hedge(output, now); // first: those blocks are late, and there are few of them
        for (var i = 0; i < _urgentCount; i++)
        {
            if (AssignPiece(_urgent[i].Piece, _urgent[i].Deadline, true, int.MaxValue, admission, output, now, out _) == Step.Stop)
            {
                return;
            }
        }

        AssignAhead(admission, output, now);
    }

    /// <summary>Read-ahead of all readers in turn, so that one that copies cannot starve the others.</summary>
    private void AssignAhead(IPieceAdmission admission, CommandBuffer output, long now)
    {
        var idle = 0;
        while (idle < _readers.Count)
        {
            if (_mayAhead <= 0)
            {
                return;
            }

            var reader = _readers[_turn % _readers.Count];
            reader.Deficit += Quantum;
            var before = _steps;
            if (ServeAhead(reader, admission, output, now) == Step.Stop)
            {
                return; // its turn goes on
            }

            idle = _steps == before ? idle + 1 : 0;
            reader.Deficit = Math.Min(reader.Deficit, 0);
            _turn = (_turn + 1) % _readers.Count;
        }
    }

    private Step ServeAhead(ReaderDemand reader, IPieceAdmission admission, CommandBuffer output, long now)
    {
        var settled = true;
        for (var piece = reader.Cursor; piece < reader.End; piece++)
        {
            if (_available.Has(piece) || (_openByPiece.TryGetValue(piece, out var open) && open.Busy == open.Blocks))
            {
                reader.Cursor += settled ? 1 : 0;
                continue;
            }

            settled = false;
            if (piece < reader.UrgentEnd)
            {
                piece = reader.UrgentEnd - 1; // had their turn; the cursor stays, for they may not be urgent next time
                continue;
            }

            if (reader.Deficit <= 0)
            {
                return Step.Next;
            }

            var blocks = (int)Math.Min(int.MaxValue, (reader.Deficit + PieceLayout.BlockLength - 1) / PieceLayout.BlockLength);
            var step = AssignPiece(piece, long.MaxValue, false, blocks, admission, output, now, out var given);
            reader.Deficit -= (long)given * PieceLayout.BlockLength;
            if (step == Step.Stop)
            {
                return Step.Stop;
            }
        }

        return Step.Next;
    }

    private void CollectCandidates(long now)
    {
        _candidateCount = 0;
        _freeSlots = 0;
        if (_candidates.Length < _peers.Length)
        {
            _candidates = new Candidate[_peers.Length];
            _arrivals = new long[_peers.Length];
        }

        foreach (var peer in _peers)
        {
            if (!peer.Alive || peer.Dropped || peer.Stalled || (peer.Choked && peer.Allowed.IsEmpty))
            {
                continue;
            }

            ref var candidate = ref _candidates[_candidateCount++];
            candidate.Peer = peer;
            candidate.Others = 0;
            candidate.BlockTime = peer.BlockTime;
            candidate.Arrival = peer.ArrivalIfAsked(now);
            candidate.Free = Math.Max(0, peer.Depth(limits.MaxOutstanding) - peer.Requests.Count);
            _freeSlots += candidate.Free;
        }
    }

    /// <summary>
    /// A slow peer nearly always has a free slot and would be first only for a block far behind: before its answer comes, the others will have sent
    /// more blocks than are looked at here. Passing over it spares looking at all of them, at every event.
    /// </summary>
    private void PassOverSlow()
    {
        if (_anySuspect)
        {
            return; // a piece may be left to a slow peer alone
        }

        for (var i = 0; i < _candidateCount; i++)
        {
            ref var slow = ref _candidates[i];
            if (slow.Free == 0)
            {
                continue;
            }

            var before = 0L;
            for (var j = 0; j < _candidateCount && before <= LookAhead; j++)
            {
                ref var other = ref _candidates[j];
                var peer = other.Peer; // a peer that lacks the piece, or may not serve it, is no alternative
                var counts = other.Arrival < slow.Arrival && peer.Has.IsAll && !peer.Choked && (peer.IsTrusted || peer.ProbationPiece < 0);
                before += counts ? (slow.Arrival - other.Arrival) / other.BlockTime : 0;
            }

            if (before > LookAhead)
            {
                _freeSlots -= slow.Free;
                slow.Free = 0;
            }
        }
    }

    /// <summary>Goes through the missing blocks of a piece. Blocks whose best peer is busy are left for it.</summary>
    private Step AssignPiece(
        int piece,
        long deadline,
        bool urgent,
        int most,
        IPieceAdmission admission,
        CommandBuffer output,
        long now,
        out int given
    )
    {
        given = 0;
        _openByPiece.TryGetValue(piece, out var open);
        if (open is not null && open.Busy == open.Blocks)
        {
            return Step.Next;
        }

        if (open is null && _refused)
        {
            return Step.Next;
        }

        if (open is { Suspect: true } && (open.OnlyFrom < 0 || !MayServe(_peers[open.OnlyFrom], piece, open)))
        {
            ChooseTrusted(open, now);
        }

        if (!MarkEligible(piece, open))
        {
            return Step.Next;
        }

        var blocks = layout.BlockCountOf(piece);
        var allowed = (int)Math.Min(blocks, (open?.Frontier ?? 0) + (long)(limits.MaxAheadOfFrontier / PieceLayout.BlockLength));
        for (var block = open?.NextMissing(0) ?? 0; block < allowed; block = open?.NextMissing(block + 1) ?? block + 1)
        {
            if (given == most)
            {
                return Step.Next;
            }

            if (_freeSlots == 0 || _steps++ >= LookAhead)
            {
                return Step.Stop;
            }

            var chosen = Best();
            ref var best = ref _candidates[chosen];
            given++;
            if (best.Free == 0)
            {
                best.Others++;
                best.Arrival = best.Peer.ArrivalIfAsked(now, best.Others);
                _arrivals[chosen] = best.Arrival;
                continue;
            }

            var bytes = layout.BlockLengthOf(piece, block);
            if (urgent ? bytes > _mayUrgent : bytes > _mayAhead)
            {
                return urgent ? Step.Stop : Step.Next;
            }

            if (open is null)
            {
                open = Open(piece, urgent, admission);
                if (open is null)
                {
                    return Step.Next;
                }

                open.Deadline = deadline;
            }

            Give(ref best, open, block, urgent, output, now);
            _arrivals[chosen] = best.Arrival;
        }

        return Step.Next;
    }

    private PieceState? Open(int piece, bool urgent, IPieceAdmission admission)
    {
        if (_refused || !admission.TryOpen(piece, urgent))
        {
            _refused = true;
            return null;
        }

        if (!_pieces.TryPop(out var open))
        {
            open = new PieceState(layout.BlocksPerPiece);
        }

        open.Open(piece, layout.BlockCountOf(piece));
        open.Index = _open.Count;
        _open.Add(open);
        _openByPiece.Add(piece, open);
        return open;
    }

    private void Give(ref Candidate candidate, PieceState piece, int block, bool urgent, CommandBuffer output, long now)
    {
        var bytes = layout.BlockLengthOf(piece.Piece, block);
        _mayUrgent -= urgent && _mayUrgent != long.MaxValue ? bytes : 0;
        _mayAhead -= _mayAhead != long.MaxValue ? bytes : 0;
        Request(candidate.Peer, piece, block, output, now);
        candidate.Free--;
        _freeSlots--;
        candidate.Arrival = candidate.Peer.ArrivalIfAsked(now, candidate.Others);
    }

    private void Request(PeerState peer, PieceState piece, int block, CommandBuffer output, long now)
    {
        var pendingRejects = 0;
        if (peer.CancelledInFlight > 0 && peer.Requests.Find(piece.Piece, block) is var at and >= 0)
        {
            pendingRejects = peer.Traits.Fast ? peer.Requests[at].PendingRejects + 1 : 0;
            Release(peer, at); // cancelled before, wanted again: the old request may still be answered
            peer.AbandonedInFlight++;
        }

        if (peer.Requests.Count == 0)
        {
            peer.PipeRestarts(now);
        }

        if (!peer.IsTrusted && (limits.ProbationPieces || peer.IsSuspect))
        {
            peer.ProbationPiece = piece.Piece;
        }

        peer.Requests.Enqueue(new Request(piece.Piece, block, now, 0, peer.Requests.Count == 0, pendingRejects));
        piece.AddOwner(block, peer.Slot.Index);
        output.Add(new Command(CommandKind.Request, peer.Slot, piece.Piece, (ushort)block, 1));
    }

    /// <summary>Marks the candidates that may be asked for blocks of this piece.</summary>
    private bool MarkEligible(int piece, PieceState? open)
    {
        var any = false;
        for (var i = 0; i < _candidateCount; i++)
        {
            ref var candidate = ref _candidates[i];
            var eligible = MayServe(candidate.Peer, piece, open);
            _arrivals[i] = eligible ? candidate.Arrival : long.MaxValue;
            any |= eligible;
        }

        return any;
    }

    private static bool MayServe(PeerState peer, int piece, PieceState? open)
    {
        return peer.Has.Has(piece)
            && (peer.IsTrusted || peer.ProbationPiece < 0 || peer.ProbationPiece == piece || !peer.Has.Has(peer.ProbationPiece))
            && (!peer.Choked || peer.Allowed.Has(piece))
            && (open is null || open.OnlyFrom < 0 || open.OnlyFrom == peer.Slot.Index);
    }

    /// <summary>The candidate that would have sent the next block first.</summary>
    private int Best()
    {
        var best = 0;
        var arrivals = _arrivals.AsSpan(0, _candidateCount);
        for (var i = 1; i < arrivals.Length; i++)
        {
            best = arrivals[i] < arrivals[best] ? i : best;
        }

        return best;
    }

    /// <summary>After a wrong hash: the peer to ask alone. The one that will be done first, where it counts threefold to have had a part in it, fourfold never to have sent anything, and a hundredfold to have sent it all.</summary>
    private void ChooseTrusted(PieceState piece, long now)
    {
        PeerState? best = null;
        foreach (var peer in _peers)
        {
            if (
                peer.Alive
                && !peer.Stalled
                && !peer.Dropped
                && MayServe(peer, piece.Piece, null)
                && (best is null || Distrust(peer, piece, now) < Distrust(best, piece, now))
            )
            {
                best = peer;
            }
        }

        piece.OnlyFrom = best?.Slot.Index ?? -1;
    }

    private static long Distrust(PeerState peer, PieceState piece, long now)
    {
        var done = peer.ArrivalIfAsked(now) - now + ((piece.Blocks - piece.Busy) * peer.BlockTime);
        var doubt =
            piece.HasContributed(peer.Slot.Index) ? (piece.Contributors == 1 ? 100 : 3)
            : peer.IsProven ? 1
            : 4;
        return done * doubt * (1 + Math.Max(0, peer.Failed - peer.Verified));
    }
}
