using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Asking twice: a block that a reader waits for and whose owner is late is asked of another peer too (Dean and Barroso, The Tail at Scale).</summary>
internal sealed class LateBlocks(
    PieceLayout layout,
    SchedulerLimits limits,
    PeerStates peers,
    PieceStates pieces,
    Demand demand,
    Candidates candidates,
    ScheduleTrace? trace
)
{
    private const double Burst = 16;

    private (long Arrival, int Piece, int Block)[] _items = new (long, int, int)[64];
    private int _count;
    private long _foundAt;
    private double _tokens = Burst;
    private bool _isTail;

    /// <summary>How many blocks were asked twice.</summary>
    public long Hedges { get; private set; }

    /// <summary>A block came that was wanted: a share of one may be asked twice.</summary>
    public void Earn()
    {
        _tokens = Math.Min(Burst, _tokens + limits.HedgeShare);
    }

    /// <summary>Nothing is urgent, so nothing is late.</summary>
    public void Clear()
    {
        _count = 0;
    }

    /// <summary>Every tick: what is expected later than it is needed, the latest first.</summary>
    public void Find(long now)
    {
        if (now - _foundAt < UrgentPieces.Tick)
        {
            return;
        }

        _foundAt = now;
        _count = 0;
        foreach (var peer in peers.All)
        {
            if (peer.Alive)
            {
                FindOf(peer, now);
            }
        }

        _items
            .AsSpan(0, _count)
            .Sort(
                static (a, b) => a.Arrival != b.Arrival ? b.Arrival.CompareTo(a.Arrival) : (a.Piece, a.Block).CompareTo((b.Piece, b.Block))
            );
    }

    /// <summary>Asks for them once more, as far as that helps. Before read-ahead takes the slots that have just become free.</summary>
    /// <param name="urgent">What readers wait for.</param>
    /// <param name="run">Is charged for what is asked.</param>
    public void Hedge(scoped ReadOnlySpan<(long Deadline, int Piece)> urgent, scoped ref AssignmentRun run)
    {
        _isTail = _count > 0 && IsAllAsked(urgent);
        for (var i = 0; i < _count && candidates.FreeSlots > 0; i++)
        {
            if (pieces.TryGet(_items[i].Piece, out var piece) && !piece.IsFilled(_items[i].Block))
            {
                Hedge(piece, _items[i].Block, ref run);
            }
        }
    }

    private bool IsAllAsked(ReadOnlySpan<(long Deadline, int Piece)> urgent)
    {
        foreach (var (_, piece) in urgent)
        {
            if (!demand.Available.Has(piece) && !(pieces.TryGet(piece, out var open) && open.Busy == open.Blocks))
            {
                return false;
            }
        }

        return true;
    }

    private void FindOf(PeerState peer, long now)
    {
        var piece = -1;
        var deadline = long.MaxValue;
        for (var i = 0; i < peer.Requests.Count; i++)
        {
            ref var request = ref peer.Requests[i];
            if (request.IsCancelled)
            {
                continue;
            }

            if (request.Piece != piece) // mostly the one of the request before
            {
                piece = request.Piece;
                deadline = DeadlineOf(piece);
            }

            if (deadline != long.MaxValue && peer.ArrivalOf(i, now) is var arrival && arrival > deadline)
            {
                Add((arrival, piece, request.Block));
            }
        }
    }

    /// <summary>When a piece is needed; <see cref="long.MaxValue"/>: no reader waits for it, or other peers may not be asked.</summary>
    private long DeadlineOf(int piece)
    {
        return pieces.TryGet(piece, out var open) && open.OnlyFrom < 0 ? open.Deadline : long.MaxValue;
    }

    private void Add((long Arrival, int Piece, int Block) item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _items[_count++] = item;
    }

    private void Hedge(PieceState piece, int block, scoped ref AssignmentRun run)
    {
        var owners = piece.OwnersOf(block);
        if (owners[0] < 0 || owners[^1] >= 0)
        {
            return;
        }

        var arrival = EarliestAnswer(owners, piece.Piece, block, run.Now, out var isLost);
        var isFree = isLost || _isTail; // if every owner is stalled, or peers that can help have nothing else to do, asking another is no luxury
        if (!isFree && _tokens < 1)
        {
            return;
        }

        var best = FirstOnAnotherLine(owners, piece);
        if (
            best < 0
            || !run.Allows(layout.BlockLengthOf(piece.Piece, block), urgent: true)
            || (candidates.All[best].Arrival - run.Now) * 3 / 2 >= arrival - run.Now
        )
        {
            return;
        }

        _tokens = _isTail ? _tokens : Math.Max(0, _tokens - 1);
        Hedges++;
        trace?.Add(
            new TraceEvent(run.Now, TraceKind.AskedAgain, candidates.All[best].Peer.Slot.Index, piece.Piece, block, 0, arrival - run.Now)
        );
        candidates.Ask(best, piece, block, urgent: true, ref run);
    }

    private long EarliestAnswer(ReadOnlySpan<short> owners, int piece, int block, long now, out bool isLost)
    {
        var arrival = long.MaxValue;
        isLost = true;
        foreach (var owner in owners)
        {
            if (owner >= 0 && peers[owner].Requests.Find(piece, block) is var at and >= 0)
            {
                arrival = Math.Min(arrival, peers[owner].ArrivalOf(at, now));
                isLost &= peers[owner].Stalled;
            }
        }

        return arrival;
    }

    private int FirstOnAnotherLine(ReadOnlySpan<short> owners, PieceState piece)
    {
        var best = -1;
        var all = candidates.All;
        for (var i = 0; i < all.Length; i++)
        {
            if (
                all[i].Free > 0
                && (best < 0 || all[i].Arrival < all[best].Arrival)
                && Probation.MayServe(all[i].Peer, piece.Piece, piece)
                && !SharesLine(owners, all[i].Peer)
            )
            {
                best = i;
            }
        }

        return best;
    }

    private bool SharesLine(ReadOnlySpan<short> owners, PeerState peer)
    {
        foreach (var owner in owners)
        {
            if (owner >= 0 && peers[owner].Traits.HostKey == peer.Traits.HostKey)
            {
                return true;
            }
        }

        return false;
    }
}
