namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A connected peer in the scheduler's tables: an index that is reused, and a generation so that late events of a dead peer are ignored.</summary>
public readonly record struct PeerSlot(int Index, int Generation);

/// <summary>An open reader of the torrent.</summary>
public readonly record struct ReaderId(long Value);

/// <summary>What a peer is like; only how much it queues may become known later.</summary>
/// <param name="HostKey">Equal for connections that share a line: same address, same web-seed host. Hedges go to different ones.</param>
/// <param name="MaxRequests">The peer's <c>reqq</c> (BEP 10), or our assumption.</param>
/// <param name="DialRtt">Microseconds of the quickest round trip seen so far: dial or handshake.</param>
/// <param name="Fast">Speaks the fast extension (BEP 6): a choke is followed by rejects.</param>
public readonly record struct PeerTraits(ulong HostKey, int MaxRequests, long DialRtt, bool Fast);

/// <summary>What became of a block that a peer sent.</summary>
public enum Claim
{
    /// <summary>Wanted; it belongs to the caller now, who must fill it in.</summary>
    New,

    /// <summary>Asked of this peer, but another was first.</summary>
    Duplicate,

    /// <summary>Never asked of this peer, or long cancelled.</summary>
    Unasked,
}

/// <summary>Where a reader is, in bytes of the torrent, and what it will want.</summary>
/// <param name="Position">Next byte it will read.</param>
/// <param name="WindowEnd">End (exclusive) of what is fetched ahead for it.</param>
/// <param name="Rate">Bytes per second that it takes when it is not blocked; 0 while unknown.</param>
/// <param name="BlockedSince">Microseconds at which the read that waits now began; -1: no read waits.</param>
public readonly record struct ReaderState(long Position, long WindowEnd, long Rate, long BlockedSince);

/// <summary>How much may be asked for now.</summary>
/// <param name="UrgentBytes">Bytes that may be requested for urgent blocks (rate limit with its 20 % exemption).</param>
/// <param name="AheadBytes">Bytes that may be requested for read-ahead.</param>
public readonly record struct Grant(long UrgentBytes, long AheadBytes)
{
    /// <summary>No rate limit.</summary>
    public static Grant Unlimited => new(long.MaxValue, long.MaxValue);
}

/// <summary>What the caller must do.</summary>
public enum CommandKind : byte
{
    /// <summary>Send REQUEST for each block.</summary>
    Request,

    /// <summary>Send CANCEL for each block.</summary>
    Cancel,

    /// <summary>Send INTERESTED.</summary>
    Interested,

    /// <summary>Send NOT INTERESTED.</summary>
    NotInterested,

    /// <summary>The piece was closed without being finished: give its memory back.</summary>
    ClosePiece,

    /// <summary>Useless or silent for too long.</summary>
    DropPeer,
}

/// <summary>Something to do after a run of the scheduler: requests and cancels name <paramref name="Count"/> blocks from <paramref name="First"/> on.</summary>
public readonly record struct Command(CommandKind Kind, PeerSlot Peer, int Piece, ushort First, ushort Count);

/// <summary>Memory and disk for pieces: asked synchronously from a run of the scheduler.</summary>
public interface IPieceAdmission
{
    /// <summary>Reserves what the piece needs; false: not now. Asked again at a later Run. Never called twice for an open piece.</summary>
    bool TryOpen(int piece, bool urgent);
}

/// <summary>What the scheduler may do.</summary>
/// <param name="MaxAheadOfFrontier">Bytes that requests of one piece may run ahead of its hash frontier.</param>
/// <param name="MaxOutstanding">Most requests at one peer.</param>
/// <param name="HedgeShare">Share of received blocks that may be asked twice.</param>
/// <param name="TrialPieces">Whether a peer serves one piece at a time until one with its blocks was verified: a liar then spoils one piece, not a window.</param>
public readonly record struct SchedulerLimits(
    int MaxAheadOfFrontier,
    int MaxOutstanding = 512,
    double HedgeShare = 0.05,
    bool TrialPieces = true
);
