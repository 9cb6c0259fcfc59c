using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Telemetry;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>An active torrent: its peers, its readers, and the scheduler between them, all guarded by one lock.</summary>
/// <remarks>
/// <para>This file has the lock and what happens at its ends: entering, the run of the scheduler when the outermost holder releases it, and which waiting readers go on.
/// Messages are processed in <c>Swarm.Messages.cs</c>, joining and dialling is in <c>Swarm.Peers.cs</c>, readers are in <c>Swarm.Readers.cs</c>.</para>
/// <para>The lock is never held across an await or any I/O: messages are queued under it and sent after it is released.</para>
/// </remarks>
internal sealed partial class Swarm : IPieceEvents, IPieceAdmission, IExtensionSwarm, IPeerOwner, IDueTarget, IAsyncDisposable
{
    [ThreadStatic]
    private static List<Peer>? t_spare;

    private readonly Lock _lock = new();
    private readonly CommandBuffer _commands = new();
    private readonly Dictionary<int, OpenPiece> _open = [];
    private readonly List<(PieceEvent Kind, int Piece)> _deferred = [];
    private readonly List<Peer> _closing = [];
    private List<Peer> _dirty = [];
    private PieceScheduler? _scheduler;
    private ITorrentPieces? _pieces;
    private TorrentInfo? _info;
    private int _depth;
    private int _isLooking;
    private bool _isRunning;
    private bool _needsRun;
    private bool _isDisposed;
    private TorrentFailure _endedBy = TorrentFailure.Closing;
    private long _armedFor = long.MaxValue;

    public Swarm(ISwarmOwner torrent, SwarmServices services)
    {
        Torrent = torrent;
        Services = services;
        Clock = services.Clock;
        _extensions = new PeerExtensions(this, services.Extensions);
        LastUsedAt = _awaitedAt = Clock.Now;
        _uploadSlots = CountUploadSlots();
        Share = new SwarmShare(GiveUpPlaces, SlotIsFree, services.Log) { Urgency = SwarmUrgency.Pending };
    }

    private enum PieceEvent
    {
        Stored,
        Gone,
        RoomFreed,
    }

    public ISwarmOwner Torrent { get; }

    public SwarmServices Services { get; }

    public MonotonicClock Clock { get; }

    public InfoHash InfoHash => Torrent.InfoHash;

    /// <summary>Guarded by the lock: when a reader last read, or a peer last asked.</summary>
    public long LastUsedAt { get; private set; }

    /// <summary>Whether it looks for peers. Until a reader comes, a torrent that a peer's handshake activated only serves: it dials no peer and asks no tracker.</summary>
    public bool IsLooking => Volatile.Read(ref _isLooking) != 0;

    /// <summary>Whether there are pieces to speak of.</summary>
    public bool HasMetadata => Volatile.Read(ref _info) is not null;

    /// <summary>Takes the lock. Releasing it runs the scheduler if anything changed, and sends what it ordered.</summary>
    public Section Enter()
    {
        _lock.Enter();
        _depth++;
        return new Section(this, Clock.Now);
    }

    /// <summary>From now on it looks for peers; false: it does already.</summary>
    public bool TryStartLooking()
    {
        if (IsLooking || Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return false;
        }

        using var section = Enter();
        if (_info is not null && !Torrent.IsShared)
        {
            _lastReadAt = section.Now; // a reader comes in a moment
        }

        SetUrgency(section.Now);
        return true;
    }

    /// <summary>Gives the torrent its metadata: from now on there are pieces.</summary>
    public void UseMetadata(TorrentInfo info, Func<ITorrentPieces> attach)
    {
        using var section = Enter();
        if (_info is not null || _isDisposed)
        {
            return;
        }

        _info = info;
        _pieces = attach();
        var pieces = _pieces;
        _scheduler = new PieceScheduler(info.Layout, Services.SchedulerLimits());
        var bitfield = new byte[(info.Layout.PieceCount + 7) / 8];
        pieces.CopyStored(bitfield);
        _scheduler.SetAvailable(bitfield);
        for (var piece = 0; piece < info.Layout.PieceCount; piece++)
        {
            if (pieces.Has(piece))
            {
                _scheduler.PieceAvailable(piece); // in memory only: what a full disk did not take
            }
        }

        foreach (var peer in _peers)
        {
            JoinScheduler(peer, section.Now);
        }

        SetUrgency(section.Now);
        _needsRun = true;
    }

    /// <summary>Fills claimed blocks in, without the lock.</summary>
    private void Fill(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        OpenPiece? longer = null; // a long piece of which the scheduler may ask for more when it is hashed further
        foreach (ref readonly var claim in claims.All)
        {
            var piece = claim.Piece;
            var progress = piece.Fill(claim.Block, bytes.Slice(claim.Start, claim.Length), peer.Source);
            if (longer is not null && longer != piece)
            {
                ReportHashed(longer);
                longer = null;
            }

            if (progress != PieceProgress.Filling)
            {
                Finished(piece, progress);
                longer = null;
            }
            else if (_info!.Layout.LengthOf(piece.Piece) > Services.MaxAheadOfFrontier)
            {
                longer = piece;
            }
        }

        if (longer is not null)
        {
            ReportHashed(longer);
        }
    }

    private void ReportHashed(OpenPiece piece)
    {
        using var section = Enter();
        if (_open.GetValueOrDefault(piece.Piece) == piece) // else it was closed, and maybe opened anew
        {
            _scheduler!.Hashed(piece.Piece, piece.HashedBlocks);
            _needsRun = true;
        }
    }

    /// <summary>The last missing block of a piece was filled in.</summary>
    private void Finished(OpenPiece piece, PieceProgress progress)
    {
        using var section = Enter();
        var isOpen = _open.TryGetValue(piece.Piece, out var open) && open == piece;
        if (progress == PieceProgress.Verified)
        {
            Verified(piece, isOpen);
        }
        else if (isOpen && progress == PieceProgress.RefusedByDisk)
        {
            _open.Remove(piece.Piece);
            piece.Discard();
            _scheduler!.PieceClosed(piece.Piece, section.Now);
        }
        else if (isOpen)
        {
            Services.Log.PieceFailed(InfoHash, piece.Piece, piece.Sources.Count);
            _scheduler!.PieceFailed(piece.Piece, section.Now);
            if (piece.Sources.Count == 1)
            {
                Ban(piece.Sources[0], piece.Piece);
            }
        }

        _needsRun = true;
    }

    private void Verified(OpenPiece piece, bool isOpen)
    {
        // Also when it was closed meanwhile: the store has it now, and it would not be asked for again.
        if (isOpen)
        {
            _open.Remove(piece.Piece);
        }

        _scheduler!.PieceAvailable(piece.Piece);
        if (!_pieces!.Has(piece.Piece))
        {
            _scheduler.PieceGone(piece.Piece); // dropped again before this, and its event may have been here first
        }

        foreach (var liar in piece.Liars)
        {
            Ban(liar, piece.Piece);
        }

        WakeReaders(piece.Piece);
    }

    /// <summary>For the timer: a deadline or a stall may have passed.</summary>
    public void Due()
    {
        try
        {
            using var section = Enter();
            _armedFor = long.MaxValue;
            _needsRun = true;
        }
        catch (Exception e)
        {
            Services.Log.TorrentWorkFailed(InfoHash, "timer of its swarm", e); // out of a timer's callback it would end the process, and all other torrents
        }
    }

    bool IPieceAdmission.TryOpen(int piece, bool urgent)
    {
        var opening = _pieces!.TryOpen(piece, urgent);
        if (opening.Piece is { } open)
        {
            _open[piece] = open;
            return true;
        }

        if (opening.NeverFits)
        {
            FailReaders(
                piece,
                new TorrentException(
                    TorrentFailure.NoSpace,
                    $"One piece of this torrent takes {opening.BytesNeeded} bytes of the piece cache, which holds {opening.BytesOfCache}. Raise torrent.global_cache_size."
                )
            );
        }

        return false;
    }

    void IPieceEvents.PieceStored(int piece)
    {
        Happened(PieceEvent.Stored, piece);
    }

    void IPieceEvents.PieceGone(int piece)
    {
        Happened(PieceEvent.Gone, piece);
    }

    void IPieceEvents.SpaceFreed()
    {
        Happened(PieceEvent.RoomFreed, 0);
    }

    /// <summary>Closes it: peers, readers and the timer.</summary>
    public ValueTask DisposeAsync()
    {
        return CloseAsync(TorrentFailure.Closing);
    }

    /// <summary>As <see cref="DisposeAsync"/>; readers are told why.</summary>
    /// <param name="why"><see cref="TorrentFailure.Removed"/> or <see cref="TorrentFailure.Closing"/>.</param>
    public async ValueTask CloseAsync(TorrentFailure why)
    {
        using (Enter())
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _endedBy = why;
            _closing.AddRange(_peers);
            FailReaders(-1, TorrentException.Ended(InfoHash, why));
            foreach (var (_, open) in _open)
            {
                open.Discard();
            }

            _open.Clear();
        }

        Services.Peers.Dials.Forget(Share);
        Services.Timer.Arm(this, long.MaxValue);
        _pieces?.Dispose();
        await _dials.CancelAsync();
    }

    void IPieceEvents.SpaceWanted(bool isOverdue)
    {
        using var section = Enter();
        if (_open.Count > 0)
        {
            _scheduler!.SpaceNeeded(isOverdue);
            _needsRun = true;
        }
    }

    private void Happened(PieceEvent kind, int piece)
    {
        using var section = Enter();
        if (_isRunning || _scheduler is null)
        {
            _deferred.Add((kind, piece)); // the store speaks while the scheduler asks it for room
        }
        else
        {
            Apply(kind, piece);
        }
    }

    private void Apply(PieceEvent kind, int piece)
    {
        switch (kind)
        {
            case PieceEvent.Stored:
                if (Torrent.IsShared)
                {
                    _scheduler!.PieceAvailable(piece); // not fetched: it is back in its folder
                }

                TellHave(piece);
                if (IsFinished)
                {
                    Torrent.BecameWhole();
                }

                break;
            case PieceEvent.Gone:
                _scheduler!.PieceGone(piece);
                _extensions.PieceEvicted(piece);
                _needsRun = true;
                break;
            default:
                _needsRun = true;
                break;
        }
    }

    private void Leave(long now)
    {
        if (_depth > 1)
        {
            _depth--;
            _lock.Exit();
            return;
        }

        List<Peer>? dirty = null;
        Peer[] closing = [];
        try
        {
            if (_needsRun && !_isDisposed)
            {
                foreach (var peer in _closing)
                {
                    _scheduler?.PeerCloses(peer.Slot); // a liar, whose part in the piece is decided, would be asked like others
                }

                RunScheduler(now);
            }

            if (_dirty.Count > 0)
            {
                dirty = _dirty;
                _dirty = t_spare ?? [];
                t_spare = null;
            }

            if (_closing.Count > 0)
            {
                closing = [.. _closing];
                _closing.Clear();
            }
        }
        finally
        {
            _isRunning = false; // always release the lock, even if code below throws
            _depth--;
            _lock.Exit();
        }

        if (dirty is not null)
        {
            foreach (var peer in dirty)
            {
                peer.Connection.Flush();
            }

            dirty.Clear();
            t_spare = dirty;
        }

        foreach (var peer in closing)
        {
            peer.Connection.Dispose();
        }
    }

    private void RunScheduler(long now)
    {
        _needsRun = false;
        if (_scheduler is not { } scheduler)
        {
            return;
        }

        for (var round = 0; round < 4; round++)
        {
            _isRunning = true;
            var next = scheduler.Run(Services.GrantNow(), this, _commands, now);
            _isRunning = false;
            Services.Download.Take(Execute(_commands.Span) - scheduler.DrainUnanswered());
            if (Services.Download.IsLimited && _readers.Count > 0)
            {
                next = Math.Min(next, now + (10 * MonotonicClock.Millisecond)); // the bucket fills although nothing happens
            }

            _commands.Clear();
            Arm(next, now);
            if (_deferred.Count == 0)
            {
                break;
            }

            foreach (var (kind, piece) in _deferred)
            {
                Apply(kind, piece);
            }

            _deferred.Clear();
            if (!_needsRun)
            {
                break;
            }

            _needsRun = false;
        }
    }

    private long Execute(ReadOnlySpan<Command> commands)
    {
        var asked = 0L;
        Span<byte> message = stackalloc byte[32];
        foreach (ref readonly var command in commands)
        {
            if (command.Kind == CommandKind.ClosePiece)
            {
                if (_open.Remove(command.Piece, out var open))
                {
                    open.Discard();
                }

                continue;
            }

            if (PeerAt(command.Peer) is not { } peer)
            {
                continue;
            }

            switch (command.Kind)
            {
                case CommandKind.Request:
                    asked += Ask(peer, in command, message, PeerMessageKind.Request);
                    break;
                case CommandKind.Cancel:
                    Ask(peer, in command, message, PeerMessageKind.Cancel);
                    break;
                case CommandKind.Interested:
                    SetInterest(peer, true);
                    break;
                case CommandKind.NotInterested:
                    SetInterest(peer, false);
                    break;
                case CommandKind.DropPeer:
                    Services.Log.PeerUseless(InfoHash, peer.Remote);
                    _closing.Add(peer);
                    break;
                default:
                    break;
            }
        }

        return asked;
    }

    private long Ask(Peer peer, in Command command, Span<byte> message, PeerMessageKind kind)
    {
        var layout = _info!.Layout;
        var asked = 0L;
        for (var i = 0; i < command.Count; i++)
        {
            var block = command.First + i;
            var length = layout.BlockLengthOf(command.Piece, block);
            var offset = block * PieceLayout.BlockLength;
            var written = kind switch
            {
                PeerMessageKind.Request => PeerMessageWriter.WriteRequest(message, command.Piece, offset, length),
                _ => PeerMessageWriter.WriteCancel(message, command.Piece, offset, length),
            };
            Post(peer, message[..written]);
            asked += length;
        }

        return asked;
    }

    private void Post(Peer peer, ReadOnlySpan<byte> message)
    {
        peer.Outbox.Append(message);
        FlushLater(peer);
    }

    private void FlushLater(Peer peer)
    {
        if (_dirty.Count == 0 || _dirty[^1] != peer)
        {
            _dirty.Add(peer);
        }
    }

    private void Arm(long next, long now)
    {
        if (next == long.MaxValue && _armedFor == long.MaxValue)
        {
            return;
        }

        if (next >= _armedFor && _armedFor > now)
        {
            return; // woken early is no harm, and the timer is not touched for each block
        }

        _armedFor = next;
        Services.Timer.Arm(this, next);
    }

    /// <summary>Holds the swarm's lock until disposed; disposing the outermost one runs the scheduler.</summary>
    [SuppressMessage("Design", "CA1815", Justification = "A scope is never compared.")]
    internal readonly ref struct Section(Swarm swarm, long now)
    {
        /// <summary>The time of entering, microseconds.</summary>
        public long Now { get; } = now;

        public void Dispose()
        {
            swarm.Leave(Now);
        }
    }
}
