using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Which block is asked of which peer: the only place where the queues of the peers and the owners of the blocks change, so that they stay the same.</summary>
internal sealed class RequestBook(PieceLayout layout, PeerStates peers, PieceStates pieces, Demand demand, ScheduleTrace? trace)
{
    private const long RejectPatience = 2_000_000;

    private readonly CommandBuffer _cancels = new();
    private long _unanswered;

    /// <summary>Bytes that were asked and will not come, less those that came after they were abandoned. The count begins again.</summary>
    public long DrainUnanswered()
    {
        var bytes = _unanswered;
        _unanswered = 0;
        return bytes;
    }

    /// <summary>Asks a peer for a block.</summary>
    public void Ask(PeerState peer, PieceState piece, int block, CommandBuffer output, long now)
    {
        var pendingRejects = 0;
        if (peer.CancelledInFlight > 0 && peer.Requests.Find(piece.Piece, block) is var at and >= 0)
        {
            pendingRejects = peer.Traits.Fast ? peer.Requests[at].PendingRejects + 1 : 0;
            Abandon(peer, at); // cancelled before, wanted again: the old request may still be answered
        }

        if (peer.Requests.Count == 0)
        {
            peer.PipeRestarts(now);
        }

        var expectedAt = peer.ArrivalBySpeed(now);
        trace?.Add(
            new TraceEvent(now, TraceKind.Asked, peer.Slot.Index, piece.Piece, block, peer.Requests.Count, peer.ArrivalIfAsked(now) - now)
        );
        peer.Requests.Enqueue(
            new Request(piece.Piece, block, now, 0, peer.Requests.Count == 0, pendingRejects) { ExpectedAt = expectedAt }
        );
        piece.AddOwner(block, peer.Slot.Index);
        output.Add(new Command(CommandKind.Request, peer.Slot, piece.Piece, (ushort)block, 1));
    }

    /// <summary>A peer sent this block, which one of its requests or of those abandoned asked for; its other owners are told to stop.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="block">Which.</param>
    /// <param name="mostOutstanding">Most requests at one peer.</param>
    /// <param name="now">When.</param>
    public Claim Receive(PeerState peer, BlockRef block, int mostOutstanding, long now)
    {
        pieces.TryGet(block.Piece, out var piece);
        if (piece is not null && (uint)block.Block >= (uint)piece.Blocks)
        {
            return Claim.Unasked;
        }

        var wanted = piece is not null && !piece.IsFilled(block.Block) && (piece.OnlyFrom < 0 || piece.OnlyFrom == peer.Slot.Index);
        var at = peer.Requests.Find(block.Piece, block.Block);
        if (at >= 0)
        {
            var kind = wanted ? TraceKind.Received : TraceKind.Wasted;
            trace?.Add(
                new TraceEvent(now, kind, peer.Slot.Index, block.Piece, block.Block, peer.Requests.Count, now - peer.Requests[at].SentAt)
            );
            peer.Measure(peer.Requests[at], layout.BlockLengthOf(block.Piece, block.Block), now, mostOutstanding);
            Release(peer, at, wanted);
        }
        else if (peer.AbandonedInFlight > 0)
        {
            peer.AbandonedInFlight--;
        }
        else
        {
            return Claim.Unasked;
        }

        _unanswered -= layout.BlockLengthOf(block.Piece, block.Block); // it was answered
        if (!wanted)
        {
            return Claim.Duplicate;
        }

        while (piece!.OwnersOf(block.Block)[0] is var other and >= 0)
        {
            Cancel(peers[other], piece, block.Block, now);
        }

        piece.Fill(block.Block, peer.Slot.Index);
        return Claim.New;
    }

    /// <summary>A peer refused this block.</summary>
    /// <returns>Whether that was news: the block was asked for, and not cancelled since.</returns>
    public bool Reject(PeerState peer, BlockRef block, long now)
    {
        var at = peer.Requests.Find(block.Piece, block.Block);
        if (at < 0)
        {
            return false;
        }

        ref var request = ref peer.Requests[at];
        if (request.PendingRejects > 0)
        {
            request = request with { PendingRejects = request.PendingRejects - 1 };
            return false; // answers the CANCEL of before, and says nothing about the request that followed
        }

        var wanted = !request.IsCancelled;
        trace?.Add(
            new TraceEvent(now, TraceKind.Rejected, peer.Slot.Index, block.Piece, block.Block, peer.Requests.Count, now - request.SentAt)
        );
        Release(peer, at, isHere: false);
        return wanted;
    }

    /// <summary>Removes all requests of a peer, which will not be answered.</summary>
    public void ReleaseAll(PeerState peer)
    {
        while (peer.Requests.Count > 0)
        {
            Release(peer, peer.Requests.Count - 1, isHere: false);
        }
    }

    /// <summary>Abandons the cancelled requests of a peer whose time is over.</summary>
    /// <returns>When the next one's is; <see cref="long.MaxValue"/>: none is left.</returns>
    public long ExpireCancelled(PeerState peer, long now)
    {
        var next = long.MaxValue;
        for (var i = peer.Requests.Count - 1; i >= 0; i--)
        {
            if (!peer.Requests[i].IsCancelled)
            {
                continue;
            }

            if (peer.Requests[i].FreeAt <= now)
            {
                Abandon(peer, i);
            }
            else
            {
                next = Math.Min(next, peer.Requests[i].FreeAt);
            }
        }

        return next;
    }

    /// <summary>Cancels the requests of a piece that are expected to be answered later than this.</summary>
    public void CancelPiece(PieceState piece, long now, long later = long.MinValue)
    {
        for (var block = 0; block < piece.Blocks && piece.IsAsked; block++)
        {
            for (var i = PieceState.MaxOwners - 1; i >= 0; i--)
            {
                var owner = piece.OwnersOf(block)[i];
                if (
                    owner >= 0
                    && peers[owner] is var peer
                    && peer.Requests.Find(piece.Piece, block) is var at
                    && (at < 0 || peer.ArrivalOf(at, now) > later)
                )
                {
                    Cancel(peer, piece, block, now);
                }
            }
        }
    }

    /// <summary>Writes the cancels that came up, unless their request was answered, rejected or removed since.</summary>
    public void Flush(CommandBuffer output)
    {
        foreach (ref readonly var command in _cancels.Span)
        {
            var peer = peers.Find(command.Peer);
            for (int block = command.First; peer is not null && block < command.First + command.Count; block++)
            {
                if (peer.Requests.Find(command.Piece, block) is var at and >= 0 && peer.Requests[at].IsCancelled)
                {
                    output.Add(command with { First = (ushort)block, Count = 1 });
                }
            }
        }

        _cancels.Clear();
    }

    /// <summary>Removes a request that is no longer expected to be answered, but may be.</summary>
    private void Abandon(PeerState peer, int at)
    {
        Release(peer, at, isHere: false);
        peer.AbandonedInFlight++;
    }

    private void Release(PeerState peer, int at, bool isHere)
    {
        var request = peer.Requests[at];
        peer.Requests.RemoveAt(at);
        _unanswered += layout.BlockLengthOf(request.Piece, request.Block);
        if (request.IsCancelled)
        {
            peer.CancelledInFlight--;
        }
        else if (pieces.TryGet(request.Piece, out var piece))
        {
            piece.RemoveOwner(request.Block, peer.Slot.Index);
            if (!isHere && !piece.IsBusy(request.Block))
            {
                demand.Rewind();
            }
        }
    }

    /// <summary>Cancels a request: CANCEL is sent, and its place in the queue stays occupied until the answer comes or the queue has drained.</summary>
    private void Cancel(PeerState peer, PieceState piece, int block, long now)
    {
        piece.RemoveOwner(block, peer.Slot.Index);
        var at = peer.Requests.Find(piece.Piece, block);
        if (at < 0 || peer.Requests[at].IsCancelled)
        {
            return;
        }

        trace?.Add(
            new TraceEvent(
                now,
                TraceKind.Cancelled,
                peer.Slot.Index,
                piece.Piece,
                block,
                peer.Requests.Count,
                now - peer.Requests[at].SentAt
            )
        );
        if (peer.Requests[at].ExpectedAt < now)
        {
            peer.MeasureLateness(peer.Requests[at], now);
        }

        // A peer without the fast extension never answers CANCEL: either the block comes, or nothing does.
        var drained = peer.ArrivalOf(at, now) + peer.Rtt;
        peer.Requests[at] = peer.Requests[at] with { FreeAt = peer.Traits.Fast ? drained + RejectPatience : drained };
        peer.CancelledInFlight++;
        _cancels.Add(new Command(CommandKind.Cancel, peer.Slot, piece.Piece, (ushort)block, 1));
    }
}
