using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What the store tells of the torrent's pieces, passed on to scheduler, peers and torrent. May be called by any thread, with or without the swarm's lock.</summary>
internal sealed class PieceEvents(SwarmState state, Uploads uploads, PeerExtensions extensions, OpenPieces pieces) : IPieceEvents
{
    private readonly List<(PieceEvent Kind, int Piece)> _deferred = []; // guarded by the swarm's lock

    private enum PieceEvent
    {
        Stored,
        Gone,
        SpaceFreed,
    }

    /// <summary>Guarded by the swarm's lock: whether what happens is kept for <see cref="ApplyDeferred"/>.</summary>
    public bool IsDeferring { get; set; }

    public void PieceStored(int piece)
    {
        Happened(PieceEvent.Stored, piece);
    }

    public void PieceGone(int piece)
    {
        Happened(PieceEvent.Gone, piece);
    }

    public void SpaceFreed()
    {
        Happened(PieceEvent.SpaceFreed, 0);
    }

    public void SpaceWanted(bool isOverdue)
    {
        using var section = state.Lock.Enter();
        if (!pieces.IsEmpty)
        {
            state.Content!.Scheduler.SpaceNeeded(isOverdue);
            state.Lock.NeedsRun = true;
        }
    }

    /// <summary>Applies what happened meanwhile; false: nothing did.</summary>
    public bool ApplyDeferred()
    {
        state.Lock.AssertHeld();
        if (_deferred.Count == 0)
        {
            return false;
        }

        foreach (var (kind, piece) in _deferred)
        {
            Apply(kind, piece);
        }

        _deferred.Clear();
        return true;
    }

    private void Happened(PieceEvent kind, int piece)
    {
        using var section = state.Lock.Enter();
        if (IsDeferring || state.Content is null)
        {
            _deferred.Add((kind, piece));
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
                Stored(piece);
                break;
            case PieceEvent.Gone:
                state.Content!.Scheduler.PieceGone(piece);
                extensions.PieceEvicted(piece);
                state.Lock.NeedsRun = true;
                break;
            default:
                state.Lock.NeedsRun = true;
                break;
        }
    }

    private void Stored(int piece)
    {
        if (state.Torrent.IsShared)
        {
            state.Content!.Scheduler.PieceAvailable(piece); // not fetched: it is back in its folder
        }

        uploads.TellHave(piece);
        if (state.IsWhole)
        {
            state.Torrent.BecameWhole();
        }
    }
}
