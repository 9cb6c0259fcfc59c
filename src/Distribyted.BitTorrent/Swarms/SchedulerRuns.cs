using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Telemetry;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Runs the scheduler and does what it orders, by the swarm's lock before it is released and by the timer. Guarded by that lock.</summary>
internal sealed class SchedulerRuns(
    SwarmState state,
    PeerTable peers,
    ReaderTable readers,
    PeerInterest interest,
    OpenPieces pieces,
    PieceEvents events
) : IDueTarget
{
    private const int MaxRounds = 4;
    private const long NextGrant = 10 * MonotonicClock.Millisecond;

    private readonly CommandBuffer _commands = new();
    private long _armedFor = long.MaxValue;

    /// <summary>For the lock: something has changed.</summary>
    public void Run(long now)
    {
        state.Lock.AssertHeld();
        foreach (var peer in state.Lock.Closing)
        {
            state.Content?.Scheduler.PeerCloses(peer.Slot); // else a peer that sent wrong data, and is no longer bound to its piece, would be asked like others
        }

        for (var round = 0; round < MaxRounds && state.Lock.NeedsRun; round++)
        {
            state.Lock.NeedsRun = false;
            if (state.HasEnded || state.Content is not { } content)
            {
                return;
            }

            Run(content.Scheduler, now);
            if (!events.ApplyDeferred())
            {
                return;
            }
        }
    }

    /// <summary>For the timer, without the lock: a deadline or a stall may have passed.</summary>
    public void Due()
    {
        try
        {
            using var section = state.Lock.Enter();
            _armedFor = long.MaxValue;
            state.Lock.NeedsRun = true;
        }
        catch (Exception e)
        {
            state.Log.TorrentWorkFailed(state.InfoHash, "timer of its swarm", e); // an exception that leaves a timer's callback ends the process
        }
    }

    /// <summary>The swarm is closed: the timer does not fire any more. Without the lock.</summary>
    public void End()
    {
        state.Services.Timer.Arm(this, long.MaxValue);
    }

    private void Run(PieceScheduler scheduler, long now)
    {
        var next = Order(scheduler, now);
        var download = state.Services.Download;
        download.Take(Execute(_commands.Span) - scheduler.DrainUnanswered());
        if (download.IsLimited && readers.Count > 0)
        {
            next = Math.Min(next, now + NextGrant); // the rate limit's bucket fills without an event
        }

        _commands.Clear();
        Arm(next, now);
    }

    /// <summary>Asks the scheduler for commands; what the store says meanwhile, when it is asked for space, comes later.</summary>
    private long Order(PieceScheduler scheduler, long now)
    {
        events.IsDeferring = true;
        try
        {
            return scheduler.Run(state.Services.GrantNow(), pieces, _commands, now);
        }
        finally
        {
            events.IsDeferring = false;
        }
    }

    private long Execute(ReadOnlySpan<Command> commands)
    {
        var asked = 0L;
        foreach (ref readonly var command in commands)
        {
            if (command.Kind == CommandKind.ClosePiece)
            {
                pieces.Close(command.Piece);
            }
            else if (peers.At(command.Peer) is { } peer)
            {
                asked += Execute(peer, in command);
            }
        }

        return asked;
    }

    private long Execute(Peer peer, in Command command)
    {
        switch (command.Kind)
        {
            case CommandKind.Request:
                return Ask(peer, in command, isCancel: false);
            case CommandKind.Cancel:
                Ask(peer, in command, isCancel: true);
                break;
            case CommandKind.Interested:
                interest.Set(peer, true);
                break;
            case CommandKind.NotInterested:
                interest.Set(peer, false);
                break;
            case CommandKind.DropPeer:
                state.Log.PeerUseless(state.InfoHash, peer.Remote);
                state.Lock.CloseLater(peer);
                break;
            default:
                break;
        }

        return 0;
    }

    private long Ask(Peer peer, in Command command, bool isCancel)
    {
        Span<byte> message = stackalloc byte[32];
        var layout = state.Content!.Layout;
        var asked = 0L;
        for (var i = 0; i < command.Count; i++)
        {
            var block = command.First + i;
            var length = layout.BlockLengthOf(command.Piece, block);
            var offset = block * PieceLayout.BlockLength;
            var written = isCancel
                ? PeerMessageWriter.WriteCancel(message, command.Piece, offset, length)
                : PeerMessageWriter.WriteRequest(message, command.Piece, offset, length);
            state.Lock.Post(peer, message[..written]);
            asked += length;
        }

        return asked;
    }

    private void Arm(long next, long now)
    {
        if (next == long.MaxValue && _armedFor == long.MaxValue)
        {
            return;
        }

        if (next >= _armedFor && _armedFor > now)
        {
            return; // to run too early does no harm, and the timer is not set for each block
        }

        _armedFor = next;
        state.Services.Timer.Arm(this, next);
    }
}
