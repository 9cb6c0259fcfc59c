using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Decides which block is asked of which peer, when, and which requests are cancelled. Events in, commands out.</summary>
/// <remarks>
/// Pure: no I/O, no clock, no threads of its own; the same calls give the same commands. The caller holds one lock around it.
/// Times are microseconds of one monotonic clock. Rules and reasons: README.md beside this file.
/// Longer than most files: every public event of the contract is here; how blocks are given out, hedged and cancelled is in the other parts.
/// </remarks>
public sealed partial class PieceScheduler(PieceLayout layout, SchedulerLimits limits)
{
    private const long InterestLingers = 60_000_000; // sudden "not interested" is punished by some clients (anacrolix requesting.go:349)

    private readonly PieceSet _available = new(layout.PieceCount);
    private readonly Dictionary<int, PieceState> _openByPiece = [];
    private readonly List<PieceState> _open = [];
    private readonly Stack<PieceState> _pieces = new();
    private readonly List<ReaderDemand> _readers = [];
    private readonly Stack<ReaderDemand> _demands = new();
    private readonly CommandBuffer _pending = new();
    private PeerState[] _peers = [];
    private bool _windowsChanged;
    private bool _interestChanged;
    private SpaceRequest _spaceRequest;
    private long _unanswered;
    private double _hedgeTokens = HedgeBurst;

    /// <summary>Blocks received that were wanted, and blocks that were not: what hedging and cancelling cost.</summary>
    public long Accepted { get; private set; }

    /// <inheritdoc cref="Accepted"/>
    public long Wasted { get; private set; }

    /// <summary>How many blocks were asked twice.</summary>
    public long Hedges { get; private set; }

    /// <summary>Whether the piece is in a reader's window and not here.</summary>
    public bool IsWanted(int piece)
    {
        return !_available.Has(piece) && IsInWindow(piece);
    }

    /// <summary>Requests at this peer that wait for an answer, cancelled ones included.</summary>
    public int OutstandingOf(PeerSlot peer)
    {
        return Find(peer)?.Requests.Count ?? 0;
    }

    /// <summary>Microseconds since this peer sent a byte of what was asked, or since it was asked; 0: it was asked for nothing.</summary>
    public long SilenceOf(PeerSlot peer, long now)
    {
        return Find(peer)?.Quiet(now) ?? 0;
    }

    /// <summary>Bytes per second that this peer sends when it has something to send.</summary>
    public long RateOf(PeerSlot peer)
    {
        return (long)(Find(peer)?.Rate ?? 0);
    }

    /// <summary>Whether the last interest message to this peer was INTERESTED.</summary>
    public bool IsInterested(PeerSlot peer)
    {
        return Find(peer)?.Interested ?? false;
    }

    /// <summary>Whether the peer is new, or suspected, and serves one piece until that is verified.</summary>
    public bool IsOnProbation(PeerSlot peer)
    {
        return Find(peer) is { IsTrusted: false, ProbationPiece: >= 0 };
    }

    /// <summary>Whether the peer was asked for something and is silent for longer than it should be.</summary>
    public bool IsStalled(PeerSlot peer)
    {
        return Find(peer)?.Stalled ?? false;
    }

    /// <summary>The peer to disconnect first when a slot is needed: it sent nothing for a minute, the longest of all; null: all are useful.</summary>
    public PeerSlot? LeastUseful(long now)
    {
        PeerState? worst = null;
        foreach (var peer in _peers)
        {
            // One that would send if it were asked is spare, not useless.
            var useless =
                peer.Alive && !peer.Dropped && (peer.Choked || peer.Stalled || !peer.IsProven) && now - peer.LastPayload >= UselessAfter;
            if (useless && (worst is null || peer.LastPayload < worst.LastPayload))
            {
                worst = peer;
            }
        }

        return worst?.Slot;
    }

    /// <summary>What is here at the start, in wire order. Replaces everything said before.</summary>
    public void SetAvailable(ReadOnlySpan<byte> bits)
    {
        _available.Load(bits);
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (_available.Has(_open[i].Piece))
            {
                Finish(_open[i], _now);
            }
        }

        WindowsChanged();
    }

    /// <summary>A peer finished its handshake and takes part from now on, choking us and with no pieces (BEP 3).</summary>
    public void PeerJoined(PeerSlot peer, in PeerTraits traits, long now)
    {
        if (peer.Index >= _peers.Length)
        {
            var before = _peers.Length;
            Array.Resize(ref _peers, Math.Max(peer.Index + 1, before * 2));
            for (var i = before; i < _peers.Length; i++)
            {
                _peers[i] = new PeerState(layout.PieceCount);
            }
        }

        if (_peers[peer.Index].Alive)
        {
            PeerLeft(_peers[peer.Index].Slot, now);
        }

        _peers[peer.Index].Join(peer, traits, now);
        foreach (var piece in _open)
        {
            piece.RemoveContributor(peer.Index);
        }
    }

    /// <summary>The peer has said how many requests it queues (BEP 10, <c>reqq</c>): it mostly says so after it has joined.</summary>
    public void PeerQueues(PeerSlot peer, int maxRequests)
    {
        if (Find(peer) is { } state)
        {
            state.Traits = state.Traits with { MaxRequests = Math.Max(1, maxRequests) };
        }
    }

    /// <summary>The connection to a peer is about to be closed: nothing more is asked of it.</summary>
    public void PeerCloses(PeerSlot peer)
    {
        if (Find(peer) is { } state)
        {
            state.Dropped = true;
        }
    }

    /// <summary>The connection to a peer ended: what was asked of it may be asked of others.</summary>
    public void PeerLeft(PeerSlot peer, long now)
    {
        if (Find(peer) is not { } state)
        {
            return;
        }

        ReleaseAll(state);
        state.Leave();
        foreach (var piece in _open)
        {
            if (piece.OnlyFrom == peer.Index)
            {
                piece.OnlyFrom = -1;
                piece.Suspect = false;
            }

            piece.RemoveContributor(peer.Index);
        }
    }

    /// <summary>A peer has one more piece (HAVE).</summary>
    public void PeerHas(PeerSlot peer, int piece)
    {
        if (Find(peer) is { } state)
        {
            state.Has.Add(piece);
            _interestChanged |= !state.Interested && IsWanted(piece);
        }
    }

    /// <summary>A peer no longer has a piece (<c>lt_donthave</c>, BEP 54).</summary>
    public void PeerLost(PeerSlot peer, int piece)
    {
        if (Find(peer) is { } state)
        {
            state.Has.Remove(piece);
        }
    }

    /// <summary>A peer has every piece (HAVE ALL, BEP 6).</summary>
    public void PeerHasAll(PeerSlot peer)
    {
        if (Find(peer) is { } state)
        {
            state.Has.AddAll();
            _interestChanged = true;
        }
    }

    /// <summary>What a peer has, in wire order. Replaces everything that was known of it.</summary>
    public void PeerBitfield(PeerSlot peer, ReadOnlySpan<byte> bits)
    {
        if (Find(peer) is { } state)
        {
            state.Has.Load(bits);
            _interestChanged = true;
        }
    }

    /// <summary>A peer with the fast extension answers what it drops with REJECT; others drop it without an answer (BEP 6, BEP 3).</summary>
    public void Choked(PeerSlot peer, long now)
    {
        if (Find(peer) is { Choked: false } state)
        {
            state.Choked = true;
            if (!state.Traits.Fast)
            {
                state.AbandonedInFlight += state.Requests.Count;
                ReleaseAll(state);
            }
        }
    }

    /// <summary>A peer takes requests from now on (UNCHOKE).</summary>
    public void Unchoked(PeerSlot peer, long now)
    {
        if (Find(peer) is { } state)
        {
            state.Choked = false;
        }
    }

    /// <summary>A peer answers requests for this piece although it chokes us (BEP 6).</summary>
    public void AllowedFast(PeerSlot peer, int piece)
    {
        if (Find(peer) is { Traits.Fast: true } state)
        {
            state.Allowed.Add(piece);
        }
    }

    /// <summary>Blocks of one peer, as they came in one batch.</summary>
    /// <param name="peer">Who sent them.</param>
    /// <param name="blocks">Which.</param>
    /// <param name="verdicts">What became of each; as long as <paramref name="blocks"/>.</param>
    /// <param name="now">When.</param>
    public void Received(PeerSlot peer, ReadOnlySpan<BlockRef> blocks, Span<Claim> verdicts, long now)
    {
        var state = Find(peer);
        for (var i = 0; i < blocks.Length; i++)
        {
            verdicts[i] = state is null ? Claim.Unasked : Receive(state, blocks[i], now);
            if (verdicts[i] == Claim.New)
            {
                Accepted++;
                _hedgeTokens = Math.Min(HedgeBurst, _hedgeTokens + limits.HedgeShare);
            }
            else
            {
                Wasted++;
            }
        }
    }

    /// <summary>Bytes of a block are coming from this peer, but the block is not whole yet: a slow line is not a dead one.</summary>
    public void Heard(PeerSlot peer, long now)
    {
        Find(peer)?.Hear(now);
    }

    /// <summary>Others need the memory or the slots of pieces that are fetched here: the next run closes the one that is missed least.</summary>
    /// <param name="isOverdue">They have waited long: if need be one that is fetched ahead, or that no peer is asked for now.</param>
    public void SpaceNeeded(bool isOverdue)
    {
        _spaceRequest =
            isOverdue ? SpaceRequest.Overdue
            : _spaceRequest == SpaceRequest.None ? SpaceRequest.Normal
            : _spaceRequest;
    }

    /// <summary>Bytes that were asked and will not come, less those that came after they were abandoned: what a rate limit gets back.
    /// Counted since the last call, which resets the count.</summary>
    public long DrainUnanswered()
    {
        var bytes = _unanswered;
        _unanswered = 0;
        return bytes;
    }

    /// <summary>The peer will not send this block. If it is not choking us, it is not asked again for anything of that piece until it says HAVE.</summary>
    public void Rejected(PeerSlot peer, BlockRef block, long now)
    {
        if (Find(peer) is not { } state)
        {
            return;
        }

        var at = state.Requests.Find(block.Piece, block.Block);
        if (at < 0)
        {
            return;
        }

        ref var request = ref state.Requests[at];
        if (request.PendingRejects > 0)
        {
            request = request with { PendingRejects = request.PendingRejects - 1 };
            return; // answers the CANCEL of before, and says nothing about the request that followed
        }

        var wanted = !request.IsCancelled;
        Release(state, at);
        if (wanted && !state.Choked)
        {
            state.Has.Remove(block.Piece);
        }
        else if (wanted)
        {
            state.Allowed.Remove(block.Piece);
        }
    }

    /// <summary>How far the piece is hashed: blocks from the first on. Needed for pieces longer than the limit ahead of the frontier.</summary>
    public void Hashed(int piece, int blocks)
    {
        if (_openByPiece.TryGetValue(piece, out var state))
        {
            state.Frontier = Math.Max(state.Frontier, blocks);
        }
    }

    /// <summary>The piece can be read: verified now, or found in the cache.</summary>
    public void PieceAvailable(int piece)
    {
        _available.Add(piece);
        if (_openByPiece.TryGetValue(piece, out var state))
        {
            foreach (var peer in _peers)
            {
                if (peer.Alive && state.HasContributed(peer.Slot.Index))
                {
                    peer.Verified++;
                }
            }

            Finish(state, _now);
        }

        _orderChanged = true;
    }

    /// <summary>The hash was wrong: all blocks are missing again. One peer alone is asked for the whole piece, so that the next verdict is about it.</summary>
    public void PieceFailed(int piece, long now)
    {
        if (!_openByPiece.TryGetValue(piece, out var state))
        {
            return;
        }

        foreach (var peer in _peers)
        {
            if (peer.Alive && state.HasContributed(peer.Slot.Index))
            {
                peer.Failed++;
                peer.IsSuspect = true;
                peer.ProbationPiece = state.OrphanSince < 0 ? piece : -1;
            }
        }

        CancelPiece(state, now, long.MinValue);
        state.Reset();
        state.OnlyFrom = -1;
        state.Suspect = true;
        _anySuspect = true;
        Released();
    }

    /// <summary>The piece lost its slot and was closed; the peers that sent blocks are not to blame. It is opened again as soon as it may.</summary>
    public void PieceClosed(int piece, long now)
    {
        if (_openByPiece.TryGetValue(piece, out var state))
        {
            Finish(state, now);
            Released();
        }
    }

    /// <summary>The piece was evicted.</summary>
    public void PieceGone(int piece)
    {
        _available.Remove(piece);
        _interestChanged = true;
        Released();
    }

    /// <summary>A reader is new, has moved, or waits.</summary>
    /// <returns>Whether a run may change anything: something that it wants, or has wanted until now, is not here.</returns>
    public bool ReaderSet(ReaderId reader, in ReaderState state, long now)
    {
        return SetReader(reader, state, -1);
    }

    /// <summary>The reader is closed, but the next one is expected where it ended: what it wanted ahead goes on being fetched until then.
    /// Nothing stays of one that has it all: clients that open, read and close thousands of times a second would leave thousands.</summary>
    /// <returns>As <see cref="ReaderSet"/>.</returns>
    public bool ReaderLingers(ReaderId reader, in ReaderState state, long until)
    {
        var (_, _, first, last) = WindowOf(state);
        return _available.HasAll(first, last) ? ReaderGone(reader, _now) : SetReader(reader, state with { BlockedSince = -1 }, until);
    }

    /// <returns>As <see cref="ReaderSet"/>.</returns>
    public bool ReaderGone(ReaderId reader, long now)
    {
        for (var i = 0; i < _readers.Count; i++)
        {
            if (_readers[i].Id == reader)
            {
                var missed = !_available.HasAll(_readers[i].First, _readers[i].End);
                _demands.Push(_readers[i]);
                _readers.RemoveAt(i);
                WindowsChanged();
                return missed;
            }
        }

        return false;
    }

    private bool SetReader(ReaderId reader, in ReaderState state, long until)
    {
        ReaderDemand? demand = null;
        foreach (var known in _readers)
        {
            if (known.Id == reader)
            {
                demand = known;
            }
        }

        if (demand is null)
        {
            if (!_demands.TryPop(out demand))
            {
                demand = new ReaderDemand();
            }

            demand.Id = reader;
            demand.First = demand.End = demand.UrgentEnd = demand.Cursor = 0;
            demand.Deficit = 0;
            _readers.Add(demand);
            _windowsChanged = true;
        }

        var (position, end, first, last) = WindowOf(state);
        var misses = !_available.HasAll(first, last) || !_available.HasAll(demand.First, demand.End);
        _windowsChanged |= first != demand.First || last != demand.End;
        _orderChanged |= _windowsChanged || (state.BlockedSince >= 0) != (demand.State.BlockedSince >= 0);
        demand.State = state with { Position = position, WindowEnd = end };
        demand.First = first;
        demand.End = last;
        demand.LingersUntil = until;
        if (_windowsChanged)
        {
            WindowsChanged();
        }

        return misses;
    }

    private (long Position, long End, int First, int Last) WindowOf(in ReaderState state)
    {
        var position = Math.Clamp(state.Position, 0, layout.TotalLength);
        var end = Math.Clamp(state.WindowEnd, position, layout.TotalLength);
        return end > position ? (position, end, layout.PieceAt(position), layout.PieceAt(end - 1) + 1) : (position, end, 0, 0);
    }

    private Claim Receive(PeerState peer, BlockRef block, long now)
    {
        _openByPiece.TryGetValue(block.Piece, out var piece);
        if (piece is not null && (uint)block.Block >= (uint)piece.Blocks)
        {
            return Claim.Unasked;
        }

        var wanted = piece is not null && !piece.IsFilled(block.Block) && (piece.OnlyFrom < 0 || piece.OnlyFrom == peer.Slot.Index);
        var at = peer.Requests.Find(block.Piece, block.Block);
        if (at >= 0)
        {
            peer.Measure(peer.Requests[at], layout.BlockLengthOf(block.Piece, block.Block), now, limits.MaxOutstanding);
            Release(peer, at, wanted);
            _unanswered -= layout.BlockLengthOf(block.Piece, block.Block); // it was answered
        }
        else if (peer.AbandonedInFlight > 0)
        {
            peer.AbandonedInFlight--;
            _unanswered -= layout.BlockLengthOf(block.Piece, block.Block);
        }
        else
        {
            return Claim.Unasked;
        }

        if (!wanted)
        {
            return Claim.Duplicate;
        }

        while (piece!.OwnersOf(block.Block)[0] is var other and >= 0)
        {
            Cancel(_peers[other], piece, block.Block, now);
        }

        piece.Fill(block.Block, peer.Slot.Index);
        return Claim.New;
    }

    private PeerState? Find(PeerSlot slot)
    {
        return (uint)slot.Index < (uint)_peers.Length && _peers[slot.Index] is { Alive: true } peer && peer.Slot == slot ? peer : null;
    }

    private bool IsInWindow(int piece)
    {
        foreach (var reader in _readers)
        {
            if (reader.Contains(piece))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Removes a request from a peer's queue; its block may be missing again.</summary>
    private void Release(PeerState peer, int at, bool isHere = false)
    {
        var request = peer.Requests[at];
        peer.Requests.RemoveAt(at);
        _unanswered += layout.BlockLengthOf(request.Piece, request.Block);
        if (request.IsCancelled)
        {
            peer.CancelledInFlight--;
        }
        else if (_openByPiece.TryGetValue(request.Piece, out var piece))
        {
            piece.RemoveOwner(request.Block, peer.Slot.Index);
            if (!isHere && !piece.IsBusy(request.Block))
            {
                Released();
            }
        }
    }

    private void ReleaseAll(PeerState peer)
    {
        while (peer.Requests.Count > 0)
        {
            Release(peer, peer.Requests.Count - 1);
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

        // A peer without the fast extension never answers CANCEL: either the block comes, or nothing does.
        var drained = peer.ArrivalOf(at, now) + peer.Rtt;
        peer.Requests[at] = peer.Requests[at] with { FreeAt = peer.Traits.Fast ? drained + 2_000_000 : drained };
        peer.CancelledInFlight++;
        _pending.Add(new Command(CommandKind.Cancel, peer.Slot, piece.Piece, (ushort)block, 1));
    }

    /// <summary>Cancels the requests of a piece that are expected to be answered later than this.</summary>
    private void CancelPiece(PieceState piece, long now, long later)
    {
        for (var block = 0; block < piece.Blocks && piece.IsAsked; block++)
        {
            for (var i = PieceState.MaxOwners - 1; i >= 0; i--)
            {
                var owner = piece.OwnersOf(block)[i];
                if (
                    owner >= 0
                    && _peers[owner] is var peer
                    && peer.Requests.Find(piece.Piece, block) is var at
                    && (at < 0 || peer.ArrivalOf(at, now) > later)
                )
                {
                    Cancel(peer, piece, block, now);
                }
            }
        }
    }

    private void Finish(PieceState piece, long now)
    {
        CancelPiece(piece, now, long.MinValue);
        EndProbation(piece.Piece, isDecided: true);
        _openByPiece.Remove(piece.Piece);
        _open[^1].Index = piece.Index;
        _open[piece.Index] = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        _pieces.Push(piece);
    }

    private void EndProbation(int piece, bool isDecided)
    {
        foreach (var peer in _peers)
        {
            if (peer.ProbationPiece == piece)
            {
                peer.ProbationPiece = -1;
                peer.IsSuspect &= !isDecided;
            }
        }
    }

    private void WindowsChanged()
    {
        _windowsChanged = true;
        _interestChanged = true;
        Released();
    }

    /// <summary>Something that was asked or here is missing again: searches start at the beginning.</summary>
    private void Released()
    {
        _orderChanged = true;
        foreach (var reader in _readers)
        {
            reader.Cursor = reader.First;
        }
    }
}
