namespace Distribyted.BitTorrent.Scheduling;

/// <content>One run: requests that are no longer needed are cancelled, then blocks are given to the peers that will have sent them first.</content>
public sealed partial class PieceScheduler
{
    private const long Tick = 20_000; // while a read waits
    private const long UrgentWithin = 2_000_000;
    private const long UrgentBytes = 1 << 20; // of a reader whose speed is unknown, or faster than the swarm
    private const long SlowestReader = 256 * 1024; // bytes/s
    private const long UnknownReader = 4 << 20; // bytes/s
    private const long CopierPatience = 500_000; // a reader that takes whatever comes waits this long before a player has to
    private const int MostOrphans = 64; // each of them is looked at whenever a window moves
    private const long NearlyHere = 100_000;
    private const long SilenceToDrop = 20_000_000;
    private const long SilenceLooks = 1_000_000;
    private const long UselessAfter = 60_000_000;
    private const long UselessEvery = 10_000_000;
    private const long UrgentLate = 2_000_000;
    private const int LookAhead = 600; // blocks
    private const long Quantum = 256 * 1024;

    private (long Deadline, int Piece)[] _urgent = new (long, int)[16];
    private int _urgentCount;
    private Candidate[] _candidates = [];
    private long[] _arrivals = [];
    private int _candidateCount;
    private int _freeSlots;
    private int _steps;
    private long _mayUrgent;
    private long _mayAhead;
    private bool _refused;
    private bool _anySuspect;
    private bool _orderChanged;
    private long _orderedAt;
    private long _uselessAt;
    private int _turn;
    private long _now;

    private enum SpaceRequest
    {
        None,
        Normal,
        Overdue,
    }

    private enum Step
    {
        Next,
        Stop,
    }

    private struct Candidate
    {
        public PeerState Peer;
        public long Arrival;
        public int Others;
        public long BlockTime;
        public int Free;
    }

    /// <summary>Decides. Call after events that free a slot or change what is wanted, and at the moment that the last call returned.</summary>
    /// <param name="grant">What may be asked for. An urgent block is taken off both numbers, a block ahead only off the second.</param>
    /// <param name="admission">Asked before the first block of a piece is.</param>
    /// <param name="output">Receives the commands, after those that are in it.</param>
    /// <param name="now">Microseconds.</param>
    /// <returns>When to run again if nothing happens before; <see cref="long.MaxValue"/>: not at all.</returns>
    public long Run(in Grant grant, IPieceAdmission admission, CommandBuffer output, long now)
    {
        _now = now;
        _refused = false;
        EndLingering(now);
        if (_windowsChanged)
        {
            _windowsChanged = false;
            CancelOutside(now);
        }

        if (_interestChanged)
        {
            _interestChanged = false;
            ShowInterest(now, output);
        }

        var wake = LookAtPeers(now, output);
        Flush(output);
        if (_readers.Count > 0)
        {
            if (_orderChanged || now - _orderedAt >= Tick)
            {
                OrderUrgent(now);
            }

            _mayUrgent = grant.UrgentBytes;
            _mayAhead = grant.AheadBytes;
            if (_urgentCount == 0)
            {
                _lateCount = 0;
            }
            else if (now - _lookedForLateAt >= Tick)
            {
                FindLate(now);
            }

            Assign(admission, output, now);
        }

        CloseOrphans(now, output);
        Flush(output);
        return Math.Min(wake, NextTick(now));
    }

    private long NextTick(long now)
    {
        var wake = long.MaxValue;
        foreach (var reader in _readers)
        {
            if (reader.LingersUntil >= 0)
            {
                wake = Math.Min(wake, reader.LingersUntil);
            }
        }

        for (var i = 0; i < _urgentCount; i++)
        {
            if (_openByPiece.TryGetValue(_urgent[i].Piece, out var open) && open.IsAsked)
            {
                return Math.Min(wake, now + Tick); // an owner may be late
            }
        }

        return wake;
    }

    private void EndLingering(long now)
    {
        for (var i = _readers.Count - 1; i >= 0; i--)
        {
            if (_readers[i].LingersUntil >= 0 && _readers[i].LingersUntil <= now)
            {
                ReaderGone(_readers[i].Id, now);
            }
        }
    }

    /// <summary>Checks every peer: stalls, cancelled requests that have timed out, silence, interest that has lapsed.</summary>
    private long LookAtPeers(long now, CommandBuffer output)
    {
        var wake = long.MaxValue;
        foreach (var peer in _peers)
        {
            if (!peer.Alive)
            {
                continue;
            }

            if (peer.Interested)
            {
                if (now >= peer.InterestUntil)
                {
                    if (WantsFrom(peer))
                    {
                        peer.InterestUntil = now + InterestLingers;
                    }
                    else
                    {
                        peer.Interested = false;
                        output.Add(new Command(CommandKind.NotInterested, peer.Slot, -1, 0, 0));
                    }
                }

                if (peer.Interested)
                {
                    wake = Math.Min(wake, peer.InterestUntil);
                }
            }

            for (var i = peer.CancelledInFlight > 0 ? peer.Requests.Count - 1 : -1; i >= 0; i--)
            {
                if (peer.Requests[i].IsCancelled && peer.Requests[i].FreeAt <= now)
                {
                    Release(peer, i);
                    peer.AbandonedInFlight++;
                }
                else if (peer.Requests[i].IsCancelled)
                {
                    wake = Math.Min(wake, peer.Requests[i].FreeAt);
                }
            }

            if (peer.Requests.Count == 0)
            {
                if (peer.CheckStalled(now) && _readers.Count > 0)
                {
                    wake = Math.Min(wake, peer.ProbeAt);
                }

                continue;
            }

            var silence = peer.Silence(now);
            var stalls = now - silence + peer.Patience() + 1;
            var quiet = peer.Quiet(now);
            var drops = now - quiet + SilenceToDrop;
            if (peer.CheckStalled(now))
            {
                ReleaseExclusive(peer);
                if (quiet >= SilenceToDrop && IsAnotherServing(peer))
                {
                    Drop(peer, output);
                }

                wake = Math.Min(wake, peer.Dropped ? long.MaxValue : Math.Max(drops, now + SilenceLooks));
            }
            else
            {
                wake = Math.Min(wake, stalls);
            }
        }

        return Math.Min(wake, DropUseless(now, output));
    }

    /// <summary>Whether another peer sends. The last connection is kept although it is silent: while the other side believes in it, it refuses a new one.</summary>
    private bool IsAnotherServing(PeerState silent)
    {
        foreach (var peer in _peers)
        {
            if (peer != silent && peer is { Alive: true, Dropped: false, Choked: false, Stalled: false })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A peer that was to deliver pieces alone and does not: other peers may be asked.</summary>
    private void ReleaseExclusive(PeerState peer)
    {
        foreach (var piece in _open)
        {
            if (piece.OnlyFrom == peer.Slot.Index)
            {
                piece.OnlyFrom = -1;
                piece.Suspect = false;
                Released();
            }
        }
    }

    /// <summary>When a read has waited for long, useless peers are disconnected to free their slots: one every ten seconds.</summary>
    private long DropUseless(long now, CommandBuffer output)
    {
        var late = false;
        foreach (var reader in _readers)
        {
            late |= reader.State.BlockedSince >= 0 && now - reader.State.BlockedSince >= UrgentLate;
        }

        if (!late || now < _uselessAt)
        {
            return long.MaxValue;
        }

        _uselessAt = now + UselessEvery;
        if (LeastUseful(now) is { } slot && Find(slot) is { } peer)
        {
            Drop(peer, output);
        }

        return _uselessAt;
    }

    private static void Drop(PeerState peer, CommandBuffer output)
    {
        if (!peer.Dropped)
        {
            peer.Dropped = true;
            output.Add(new Command(CommandKind.DropPeer, peer.Slot, -1, 0, 0));
        }
    }

    private void ShowInterest(long now, CommandBuffer output)
    {
        foreach (var peer in _peers)
        {
            if (!peer.Alive || !WantsFrom(peer))
            {
                continue;
            }

            peer.InterestUntil = now + InterestLingers;
            if (!peer.Interested)
            {
                peer.Interested = true;
                output.Add(new Command(CommandKind.Interested, peer.Slot, -1, 0, 0));
            }
        }
    }

    private bool WantsFrom(PeerState peer)
    {
        foreach (var reader in _readers)
        {
            for (var piece = reader.First; piece < reader.End; piece++)
            {
                if (!_available.Has(piece) && peer.Has.Has(piece))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Requests outside every window are cancelled, unless they are nearly here or their piece is nearly whole.</summary>
    private void CancelOutside(long now)
    {
        foreach (var piece in _open)
        {
            if (IsInWindow(piece.Piece))
            {
                piece.OrphanSince = -1;
                continue;
            }

            if (piece.OrphanSince < 0)
            {
                piece.OrphanSince = now;
                EndProbation(piece.Piece, isDecided: false); // it may never be finished, and must not block its peers
            }

            piece.Deadline = long.MaxValue;
            if (piece.IsAsked && piece.Filled * 4 <= piece.Blocks * 3)
            {
                CancelPiece(piece, now, now + NearlyHere);
            }
        }
    }

    /// <summary>Pieces outside every window stay open while there is memory: a reader that comes back finds what was received. Closed when nothing of them is
    /// here, when there are too many, or when their memory is needed.</summary>
    private void CloseOrphans(long now, CommandBuffer output)
    {
        var orphans = 0;
        PieceState? smallest = null;
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var piece = _open[i];
            if (piece.OrphanSince < 0 || piece.Filled == piece.Blocks)
            {
                continue;
            }

            if (piece.Busy == 0)
            {
                Close(piece, now, output);
                continue;
            }

            orphans++;
            smallest = smallest is null || piece.Filled < smallest.Filled ? piece : smallest;
        }

        if (smallest is not null && (_refused || _spaceRequest != SpaceRequest.None || orphans > MostOrphans))
        {
            Close(smallest, now, output);
        }
        else if (_spaceRequest == SpaceRequest.Overdue && FindLeastMissed() is { } piece)
        {
            Close(piece, now, output);
        }

        _spaceRequest = SpaceRequest.None;
    }

    /// <summary>The piece to close for readers elsewhere that have waited long: fetched ahead, or not asked of any peer now; null: none.</summary>
    private PieceState? FindLeastMissed()
    {
        PieceState? least = null;
        foreach (var piece in _open)
        {
            var may = piece.Filled < piece.Blocks && (piece.Deadline == long.MaxValue || !piece.IsAsked);
            if (may && (least is null || (least.Deadline, -least.Filled).CompareTo((piece.Deadline, -piece.Filled)) < 0))
            {
                least = piece;
            }
        }

        return least;
    }

    private void Close(PieceState piece, long now, CommandBuffer output)
    {
        Finish(piece, now);
        Flush(output);
        output.Add(new Command(CommandKind.ClosePiece, default, piece.Piece, 0, 0));
    }

    /// <summary>Cancels that came up between runs, unless their request was answered, rejected or removed since.</summary>
    private void Flush(CommandBuffer output)
    {
        foreach (ref readonly var command in _pending.Span)
        {
            var peer = Find(command.Peer);
            for (int block = command.First; peer is not null && block < command.First + command.Count; block++)
            {
                if (peer.Requests.Find(command.Piece, block) is var at and >= 0 && peer.Requests[at].IsCancelled)
                {
                    output.Add(command with { First = (ushort)block, Count = 1 });
                }
            }
        }

        _pending.Clear();
    }

    /// <summary>Finds the pieces that a reader needs now or within two seconds, the earliest first.</summary>
    private void OrderUrgent(long now)
    {
        _orderChanged = false;
        _orderedAt = now;
        for (var i = 0; i < _urgentCount; i++)
        {
            if (_openByPiece.TryGetValue(_urgent[i].Piece, out var open))
            {
                open.Deadline = long.MaxValue;
            }
        }

        _urgentCount = 0;
        var supply = 0d;
        foreach (var peer in _peers)
        {
            supply += peer.Alive && !peer.Choked ? peer.Rate : 0;
        }

        _anySuspect = false;
        foreach (var piece in _open)
        {
            _anySuspect |= piece.Suspect;
        }

        foreach (var reader in _readers)
        {
            AddUrgent(reader, supply, now);
        }

        _urgent
            .AsSpan(0, _urgentCount)
            .Sort(static (a, b) => a.Deadline != b.Deadline ? a.Deadline.CompareTo(b.Deadline) : a.Piece.CompareTo(b.Piece));
        for (var i = _urgentCount - 1; i >= 0; i--)
        {
            if (_openByPiece.TryGetValue(_urgent[i].Piece, out var open))
            {
                open.Deadline = _urgent[i].Deadline;
            }
        }
    }

    private void AddUrgent(ReaderDemand reader, double supply, long now)
    {
        reader.UrgentEnd = reader.First;
        if (reader.End == reader.First || reader.LingersUntil >= 0)
        {
            return;
        }

        var state = reader.State;
        var copies = state.Rate > supply;
        var rate = state.Rate == 0 ? UnknownReader : Math.Max(SlowestReader, state.Rate);
        var ahead = state.Rate == 0 || copies ? UrgentBytes : Math.Max(1, rate * UrgentWithin / 1_000_000);
        reader.UrgentEnd = Math.Min(reader.End, layout.PieceAt(Math.Min(layout.TotalLength, state.Position + ahead) - 1) + 1);
        var start = state.BlockedSince >= 0 ? state.BlockedSince : now;
        start += copies ? CopierPatience : 0;
        for (var piece = reader.First; piece < reader.UrgentEnd; piece++)
        {
            if (_available.Has(piece))
            {
                continue;
            }

            if (_urgentCount == _urgent.Length)
            {
                Array.Resize(ref _urgent, _urgentCount * 2);
            }

            var distance = Math.Max(0, layout.StartOf(piece) - state.Position);
            _urgent[_urgentCount++] = (start + (long)(distance * 1e6 / rate), piece);
        }
    }
}
