using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Decides which block is asked of which peer, when, and which requests are cancelled. Events in, commands out.</summary>
/// <remarks>
/// Pure: no I/O, no clock, no threads of its own; the same calls give the same commands. The caller holds one lock around it.
/// Times are microseconds of one monotonic clock. Rules and reasons: README.md beside this file, with a table of the parts.
/// Longer than most files because every event of the contract is here; what is decided is in the parts.
/// </remarks>
public sealed class PieceScheduler
{
    private readonly SchedulerLimits _limits;
    private readonly PieceLayout _layout;
    private readonly PeerStates _peers;
    private readonly PieceStates _pieces;
    private readonly Demand _demand;
    private readonly RequestBook _requests;
    private readonly Probation _probation;
    private readonly PieceLifetime _lifetime;
    private readonly Interest _interest;
    private readonly PeerWatch _watch;
    private readonly UrgentPieces _urgent;
    private readonly Candidates _candidates;
    private readonly LateBlocks _late;
    private readonly Assignment _assignment;
    private long _ranAt;

    /// <summary>A scheduler without peers, readers or pieces.</summary>
    /// <param name="layout">The pieces and blocks of the torrent.</param>
    /// <param name="limits">What it may do.</param>
    /// <param name="trace">Receives every event; null: nothing is kept of them.</param>
    public PieceScheduler(PieceLayout layout, SchedulerLimits limits, ScheduleTrace? trace = null)
    {
        _limits = limits;
        _layout = layout;
        Trace = trace;
        _peers = new PeerStates(layout.PieceCount);
        _pieces = new PieceStates(layout);
        _demand = new Demand(layout);
        _requests = new RequestBook(layout, _peers, _pieces, _demand, trace);
        _probation = new Probation(limits, _peers, _pieces, _demand);
        _lifetime = new PieceLifetime(_pieces, _demand, _requests, _probation);
        _interest = new Interest(_peers, _demand);
        _watch = new PeerWatch(_peers, _demand, _requests, _probation, _interest);
        _urgent = new UrgentPieces(layout, _peers, _pieces, _demand);
        _candidates = new Candidates(layout, limits, _peers, _requests, _probation);
        _late = new LateBlocks(layout, limits, _peers, _pieces, _demand, _candidates, trace);
        _assignment = new Assignment(layout, limits, _pieces, _demand, _probation, _candidates);
    }

    /// <summary>Its last events; null: they are not kept.</summary>
    public ScheduleTrace? Trace { get; }

    /// <summary>Blocks received that were wanted, and blocks that were not: what hedging and cancelling cost.</summary>
    public long Accepted { get; private set; }

    /// <inheritdoc cref="Accepted"/>
    public long Wasted { get; private set; }

    /// <summary>How many blocks were asked twice.</summary>
    public long Hedges => _late.Hedges;

    /// <summary>Whether the piece is in a reader's window and not here.</summary>
    public bool IsWanted(int piece)
    {
        return _demand.IsWanted(piece);
    }

    /// <summary>Whether a piece in the window of an open reader is not here.</summary>
    public bool IsAnythingMissing()
    {
        return _demand.IsAnythingMissing();
    }

    /// <summary>Requests at this peer that wait for an answer, cancelled ones included.</summary>
    public int OutstandingOf(PeerSlot peer)
    {
        return _peers.Find(peer)?.Requests.Count ?? 0;
    }

    /// <summary>Microseconds since this peer sent a byte of what was asked, or since it was asked; 0: it was asked for nothing.</summary>
    public long SilenceOf(PeerSlot peer, long now)
    {
        return _peers.Find(peer)?.Quiet(now) ?? 0;
    }

    /// <summary>Bytes per second that this peer sends when it has something to send.</summary>
    public long RateOf(PeerSlot peer)
    {
        return (long)(_peers.Find(peer)?.Rate ?? 0);
    }

    /// <summary>Whether the last interest message to this peer was INTERESTED.</summary>
    public bool IsInterested(PeerSlot peer)
    {
        return _peers.Find(peer)?.Interested ?? false;
    }

    /// <summary>Whether the peer is new, or suspected, and serves one piece until that is verified.</summary>
    public bool IsOnProbation(PeerSlot peer)
    {
        return _peers.Find(peer) is { IsTrusted: false, ProbationPiece: >= 0 };
    }

    /// <summary>Whether the peer was asked for something and is silent for longer than it should be.</summary>
    public bool IsStalled(PeerSlot peer)
    {
        return _peers.Find(peer)?.Stalled ?? false;
    }

    /// <summary>How far a piece is, and who was asked for it; null: it is not being fetched.</summary>
    public PieceReport? ReportOf(int piece, long now)
    {
        return PieceReports.Of(piece, _pieces, _peers, now);
    }

    /// <summary>The peer to disconnect first when a slot is needed: it sent nothing for a minute, the longest of all; null: all are useful.</summary>
    public PeerSlot? LeastUseful(long now)
    {
        return _peers.LeastUseful(now)?.Slot;
    }

    /// <summary>Bytes that were asked and will not come, less those that came after they were abandoned: what a rate limit gets back.
    /// Counted since the last call, which resets the count.</summary>
    public long DrainUnanswered()
    {
        return _requests.DrainUnanswered();
    }

    /// <summary>A peer finished its handshake and takes part from now on, choking us and with no pieces (BEP 3).</summary>
    public void PeerJoined(PeerSlot peer, in PeerTraits traits, long now)
    {
        var state = _peers.Reserve(peer.Index);
        if (state.Alive)
        {
            PeerLeft(state.Slot, now);
        }

        state.Join(peer, traits, now);
        Note(TraceKind.PeerJoined, state, now, traits.DialRtt);
    }

    /// <summary>The peer has said how many requests it queues (BEP 10, <c>reqq</c>): it mostly says so after it has joined.</summary>
    public void PeerQueues(PeerSlot peer, int maxRequests)
    {
        if (_peers.Find(peer) is { } state)
        {
            state.Traits = state.Traits with { MaxRequests = Math.Max(1, maxRequests) };
        }
    }

    /// <summary>The connection to a peer is about to be closed: nothing more is asked of it.</summary>
    public void PeerCloses(PeerSlot peer)
    {
        if (_peers.Find(peer) is { } state)
        {
            state.Dropped = true;
        }
    }

    /// <summary>The connection to a peer ended: what was asked of it may be asked of others.</summary>
    public void PeerLeft(PeerSlot peer, long now)
    {
        if (_peers.Find(peer) is { } state)
        {
            Note(TraceKind.PeerLeft, state, now);
            _requests.ReleaseAll(state);
            state.Leave();
            _probation.Left(peer.Index);
        }
    }

    /// <summary>A peer has one more piece (HAVE).</summary>
    public void PeerHas(PeerSlot peer, int piece)
    {
        if (_peers.Find(peer) is { } state)
        {
            state.Has.Add(piece);
            _interest.Has(state, piece);
        }
    }

    /// <summary>A peer no longer has a piece (<c>lt_donthave</c>, BEP 54).</summary>
    public void PeerLost(PeerSlot peer, int piece)
    {
        _peers.Find(peer)?.Has.Remove(piece);
    }

    /// <summary>A peer has every piece (HAVE ALL, BEP 6).</summary>
    public void PeerHasAll(PeerSlot peer)
    {
        if (_peers.Find(peer) is { } state)
        {
            state.Has.AddAll();
            _interest.Change();
        }
    }

    /// <summary>What a peer has, in wire order. Replaces everything that was known of it.</summary>
    public void PeerBitfield(PeerSlot peer, ReadOnlySpan<byte> bits)
    {
        if (_peers.Find(peer) is { } state)
        {
            state.Has.Load(bits);
            _interest.Change();
        }
    }

    /// <summary>A peer with the fast extension answers what it drops with REJECT; others drop it without an answer (BEP 6, BEP 3).</summary>
    public void Choked(PeerSlot peer, long now)
    {
        if (_peers.Find(peer) is { Choked: false } state)
        {
            Note(TraceKind.Choked, state, now);
            state.Choked = true;
            if (!state.Traits.Fast)
            {
                state.AbandonedInFlight += state.Requests.Count;
                _requests.ReleaseAll(state);
            }
        }
    }

    /// <summary>A peer takes requests from now on (UNCHOKE).</summary>
    public void Unchoked(PeerSlot peer, long now)
    {
        if (_peers.Find(peer) is { } state)
        {
            Note(TraceKind.Unchoked, state, now);
            state.Choked = false;
        }
    }

    /// <summary>A peer answers requests for this piece although it chokes us (BEP 6).</summary>
    public void AllowedFast(PeerSlot peer, int piece)
    {
        if (_peers.Find(peer) is { Traits.Fast: true } state)
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
        var state = _peers.Find(peer);
        for (var i = 0; i < blocks.Length; i++)
        {
            verdicts[i] = state is null ? Claim.Unasked : _requests.Receive(state, blocks[i], _limits.MaxOutstanding, now);
            if (verdicts[i] == Claim.New)
            {
                Accepted++;
                _late.Earn();
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
        _peers.Find(peer)?.Hear(now);
    }

    /// <summary>The peer will not send this block. If it is not choking us, it is not asked again for anything of that piece until it says HAVE.</summary>
    public void Rejected(PeerSlot peer, BlockRef block, long now)
    {
        if (_peers.Find(peer) is not { } state || !_requests.Reject(state, block, now))
        {
            return;
        }

        (state.Choked ? state.Allowed : state.Has).Remove(block.Piece);
    }

    /// <summary>Others need the memory or the slots of pieces that are fetched here: the next run closes the one that is missed least.</summary>
    /// <param name="isOverdue">They have waited long: if need be one that is fetched ahead, or that no peer is asked for now.</param>
    public void SpaceNeeded(bool isOverdue)
    {
        _lifetime.SpaceNeeded(isOverdue);
    }

    /// <summary>What is here at the start, in wire order. Replaces everything said before.</summary>
    public void SetAvailable(ReadOnlySpan<byte> bits)
    {
        _demand.Available.Load(bits);
        for (var i = _pieces.All.Length - 1; i >= 0; i--)
        {
            if (_demand.Available.Has(_pieces.All[i].Piece))
            {
                _lifetime.Finish(_pieces.All[i], _ranAt);
            }
        }

        _demand.ChangeWindows();
    }

    /// <summary>How far the piece is hashed: blocks from the first on. Needed for pieces longer than the limit ahead of the frontier.</summary>
    public void Hashed(int piece, int blocks)
    {
        if (_pieces.TryGet(piece, out var state))
        {
            state.Frontier = Math.Max(state.Frontier, blocks);
        }
    }

    /// <summary>The piece can be read: verified now, or found in the cache.</summary>
    public void PieceAvailable(int piece)
    {
        Trace?.Add(new TraceEvent(_ranAt, TraceKind.PieceAvailable, -1, piece, -1, 0, 0));
        _demand.Available.Add(piece);
        _demand.OrderChanged = true;
        if (_pieces.TryGet(piece, out var state))
        {
            _probation.Verified(state);
            _lifetime.Finish(state, _ranAt);
        }
    }

    /// <summary>The hash was wrong: all blocks are missing again. One peer alone is asked for the whole piece, so that the next verdict is about it.</summary>
    public void PieceFailed(int piece, long now)
    {
        if (_pieces.TryGet(piece, out var state))
        {
            Trace?.Add(new TraceEvent(now, TraceKind.PieceFailed, -1, piece, -1, 0, 0));
            _probation.Failed(state);
            _requests.CancelPiece(state, now);
            state.Reset();
            _demand.Rewind();
        }
    }

    /// <summary>The piece lost its slot and was closed; the peers that sent blocks are not to blame. It is opened again as soon as it may.</summary>
    public void PieceClosed(int piece, long now)
    {
        if (_pieces.TryGet(piece, out var state))
        {
            _lifetime.Finish(state, now);
            _demand.Rewind();
        }
    }

    /// <summary>The piece was evicted.</summary>
    public void PieceGone(int piece)
    {
        _demand.Available.Remove(piece);
        _demand.Rewind();
        _interest.Change();
    }

    /// <summary>A reader is new, has moved, or waits.</summary>
    /// <returns>Whether a run may change anything: something that it wants, or has wanted until now, is not here.</returns>
    public bool ReaderSet(ReaderId reader, in ReaderState state, long now)
    {
        if (Trace is not null)
        {
            var kind = state.BlockedSince >= 0 ? TraceKind.ReaderWaits : TraceKind.ReaderMoved;
            var piece = _layout.PieceAt(Math.Clamp(state.Position, 0, _layout.TotalLength - 1));
            Trace.Add(new TraceEvent(now, kind, reader.Value, piece, -1, 0, state.Position));
        }

        return _demand.Set(reader, state, lingersUntil: -1);
    }

    /// <summary>The reader is closed, but the next one is expected where it ended: what it wanted ahead goes on being fetched until then.
    /// Nothing stays of one that has it all: clients that open, read and close thousands of times a second would leave thousands.</summary>
    /// <returns>As <see cref="ReaderSet"/>.</returns>
    public bool ReaderLingers(ReaderId reader, in ReaderState state, long until)
    {
        return _demand.HasAllOf(state) ? _demand.Remove(reader) : _demand.Set(reader, state with { BlockedSince = -1 }, until);
    }

    /// <returns>As <see cref="ReaderSet"/>.</returns>
    public bool ReaderGone(ReaderId reader, long now)
    {
        return _demand.Remove(reader);
    }

    /// <summary>Decides. Call after events that free a slot or change what is wanted, and at the moment that the last call returned.</summary>
    /// <param name="grant">What may be asked for. An urgent block is taken off both numbers, a block ahead only off the second.</param>
    /// <param name="admission">Asked before the first block of a piece is.</param>
    /// <param name="output">Receives the commands, after those that are in it.</param>
    /// <param name="now">Microseconds.</param>
    /// <returns>When to run again if nothing happens before; <see cref="long.MaxValue"/>: not at all.</returns>
    public long Run(in Grant grant, IPieceAdmission admission, CommandBuffer output, long now)
    {
        _ranAt = now;
        _demand.EndLingering(now);
        if (_demand.WindowsChanged)
        {
            _demand.WindowsChanged = false;
            _lifetime.CancelOutside(now);
            _interest.Change();
        }

        _interest.Show(output, now);
        var wake = _watch.Look(output, now);
        _requests.Flush(output);
        var run = new AssignmentRun(grant, admission, output, now);
        if (_demand.Readers.Length > 0)
        {
            Order(now);
            Assign(ref run);
        }

        _lifetime.CloseOrphans(run.IsRefused, output, now);
        wake = Math.Min(wake, _demand.NextLingerEnd());
        return _urgent.IsAnyAsked() ? Math.Min(wake, now + UrgentPieces.Tick) : wake;
    }

    private void Note(TraceKind kind, PeerState peer, long now, long value = 0)
    {
        Trace?.Add(new TraceEvent(now, kind, peer.Slot.Index, -1, -1, peer.Requests.Count, value));
    }

    private void Order(long now)
    {
        if (_urgent.IsOutdated(now))
        {
            _probation.Refresh();
            _urgent.Order(now);
        }

        if (_urgent.Items.IsEmpty)
        {
            _late.Clear();
        }
        else
        {
            _late.Find(now);
        }
    }

    private void Assign(ref AssignmentRun run)
    {
        _candidates.Collect(run.Now);
        if (!_probation.AnySuspect)
        {
            _candidates.PassOverSlow(); // otherwise a piece may be left to a slow peer alone
        }

        if (_candidates.FreeSlots == 0)
        {
            return;
        }

        _late.Hedge(_urgent.Items, ref run); // first: those blocks are late, and there are few of them
        if (_assignment.AssignUrgent(_urgent.Items, ref run))
        {
            _assignment.AssignAhead(ref run);
        }
    }
}
