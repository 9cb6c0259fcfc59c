namespace Distribyted.BitTorrent.Scheduling;

/// <summary>
/// What peers may serve that are new or suspected of wrong data: one piece until a piece with their blocks was verified; two at a cold start.
/// A piece whose hash was wrong is asked whole of one peer, so that the next verdict is about that peer alone.
/// </summary>
internal sealed class Probation(SchedulerLimits limits, PeerStates peers, PieceStates pieces, Demand demand)
{
    /// <summary>Whether a piece may be left to one peer alone.</summary>
    public bool AnySuspect { get; private set; }

    /// <summary>Whether this peer may be asked for blocks of the piece. <paramref name="open"/> is null while the piece is not open.</summary>
    /// <param name="peer">Who.</param>
    /// <param name="piece">Which.</param>
    /// <param name="open">Its state.</param>
    /// <param name="urgent">A reader waits for it; a second piece is not read ahead of a peer on probation.</param>
    public static bool MayServe(PeerState peer, int piece, PieceState? open, bool urgent = true)
    {
        return peer.Has.Has(piece)
            && (
                peer.IsTrusted
                || peer.ProbationPiece < 0
                || peer.ProbationPiece == piece
                || !peer.Has.Has(peer.ProbationPiece)
                || (urgent && IsSecond(peer, piece))
            )
            && (!peer.Choked || peer.Allowed.Has(piece))
            && (open is null || open.OnlyFrom < 0 || open.OnlyFrom == peer.Slot.Index);
    }

    /// <summary>Looks whether a piece is suspect still.</summary>
    public void Refresh()
    {
        AnySuspect = false;
        foreach (var piece in pieces.All)
        {
            AnySuspect |= piece.Suspect;
        }
    }

    /// <summary>A peer is asked for a block of this piece: while it is not trusted, for nothing else.</summary>
    public void Asked(PeerState peer, int piece)
    {
        if (peer.IsTrusted || !(limits.ProbationPieces || peer.IsSuspect))
        {
            return;
        }

        if (peer.ProbationPiece >= 0 && peer.ProbationPiece != piece && IsSecond(peer, piece))
        {
            peer.SecondPiece = piece;
        }
        else
        {
            peer.ProbationPiece = piece;
        }
    }

    /// <summary>All blocks of a piece are asked, so that its peers have nothing left to do for it. While no peer is trusted, at a cold start, they may begin one more;
    /// later the trusted ones do that, whose speed is known.</summary>
    public void AllAsked(int piece)
    {
        if (IsAnyTrusted())
        {
            return;
        }

        foreach (var peer in peers.All)
        {
            peer.MayBeginSecond |= peer.ProbationPiece == piece && !peer.IsSuspect;
        }
    }

    /// <summary>The hash of a piece was right.</summary>
    public void Verified(PieceState piece)
    {
        foreach (var peer in peers.All)
        {
            if (peer.Alive && piece.HasContributed(peer.Slot.Index))
            {
                peer.Verified++;
            }
        }
    }

    /// <summary>The hash of a piece was wrong: all who have sent blocks of it are suspected, and serve nothing but this piece.</summary>
    public void Failed(PieceState piece)
    {
        foreach (var peer in peers.All)
        {
            if (peer.Alive && piece.HasContributed(peer.Slot.Index))
            {
                peer.Failed++;
                peer.IsSuspect = true;
                peer.SecondPiece = -1;
                peer.MayBeginSecond = false;
                peer.ProbationPiece = piece.OrphanSince < 0 ? piece.Piece : -1;
            }
        }

        piece.OnlyFrom = -1;
        piece.Suspect = true;
        AnySuspect = true;
    }

    /// <summary>A piece ends, or may never be finished: its peers may serve others.</summary>
    /// <param name="piece">Which.</param>
    /// <param name="isDecided">It was verified or given up, so that no peer is suspected for it any more.</param>
    public void End(int piece, bool isDecided)
    {
        foreach (var peer in peers.All)
        {
            if (peer.ProbationPiece == piece)
            {
                peer.ProbationPiece = peer.SecondPiece;
                peer.SecondPiece = -1;
                peer.MayBeginSecond = false;
                peer.IsSuspect &= !isDecided;
            }
            else if (peer.SecondPiece == piece)
            {
                peer.SecondPiece = -1;
            }
        }
    }

    /// <summary>A peer left: pieces that it was to serve alone may be asked of every peer, and no piece names its index any more.</summary>
    public void Left(int peer)
    {
        foreach (var piece in pieces.All)
        {
            if (piece.OnlyFrom == peer)
            {
                Clear(piece);
            }

            piece.RemoveContributor(peer);
        }
    }

    /// <summary>A peer stalls: pieces that it was to serve alone may be asked of every peer.</summary>
    public void Stalled(PeerState peer)
    {
        foreach (var piece in pieces.All)
        {
            if (piece.OnlyFrom == peer.Slot.Index)
            {
                Clear(piece);
                demand.Rewind();
            }
        }
    }

    /// <summary>Chooses the peer that a suspect piece is asked of alone, unless one is chosen that may still serve it.</summary>
    public void Choose(PieceState piece, long now)
    {
        if (piece.OnlyFrom >= 0 && MayServe(peers[piece.OnlyFrom], piece.Piece, piece))
        {
            return;
        }

        PeerState? best = null;
        foreach (var peer in peers.All)
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

    private bool IsAnyTrusted()
    {
        foreach (var peer in peers.All)
        {
            if (peer is { Alive: true, Choked: false, IsTrusted: true })
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSecond(PeerState peer, int piece)
    {
        return peer.SecondPiece == piece || (peer.SecondPiece < 0 && peer.MayBeginSecond);
    }

    private static void Clear(PieceState piece)
    {
        piece.OnlyFrom = -1;
        piece.Suspect = false;
    }

    /// <summary>The time until it would be done, counted threefold if it had a part in the piece, fourfold if it never sent anything, and a hundredfold if it sent it all.</summary>
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
