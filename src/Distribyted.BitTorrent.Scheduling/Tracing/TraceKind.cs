namespace Distribyted.BitTorrent.Scheduling.Tracing;

/// <summary>What happened, for a <see cref="TraceEvent"/>. The comment says what its value is; without one it is 0.</summary>
public enum TraceKind
{
    /// <summary>A peer joined. Value: microseconds that the dial took.</summary>
    PeerJoined,

    /// <summary>A connection ended.</summary>
    PeerLeft,

    /// <summary>A peer choked us.</summary>
    Choked,

    /// <summary>A peer takes requests.</summary>
    Unchoked,

    /// <summary>A peer was asked for a block. Value: microseconds until it is expected.</summary>
    Asked,

    /// <summary>A block came that was wanted. Value: microseconds since it was asked.</summary>
    Received,

    /// <summary>A block came that is here already, or is not wanted any more. Value: as for <see cref="Received"/>.</summary>
    Wasted,

    /// <summary>A request was cancelled. Value: microseconds since it was made.</summary>
    Cancelled,

    /// <summary>A peer refused a block. Value: microseconds since it was asked.</summary>
    Rejected,

    /// <summary>A late block is asked of one more peer; the request follows. Value: microseconds until it was expected from those asked before.</summary>
    AskedAgain,

    /// <summary>A reader is new or moved. Value: its position in the torrent, bytes.</summary>
    ReaderMoved,

    /// <summary>A reader waits for this piece. Value: as for <see cref="ReaderMoved"/>.</summary>
    ReaderWaits,

    /// <summary>A piece can be read.</summary>
    PieceAvailable,

    /// <summary>The hash of a piece was wrong.</summary>
    PieceFailed,
}
