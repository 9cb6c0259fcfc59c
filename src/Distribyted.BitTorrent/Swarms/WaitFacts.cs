namespace Distribyted.BitTorrent.Swarms;

/// <summary>What is known at one moment about a piece that a reader waits for.</summary>
/// <param name="Piece">Which piece; -1: the metadata is missing.</param>
public sealed record WaitFacts(int Piece)
{
    /// <summary>Whether the metadata is here.</summary>
    public bool HasMetadata { get; init; } = true;

    /// <summary>How long the reader has waited.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Whether the piece could not be begun because there is no space for it.</summary>
    public bool LacksSpace { get; init; }

    /// <summary>Whether that space is the memory of pieces, and not the limit of the cache.</summary>
    public bool LacksMemory { get; init; }

    /// <summary>Whether the disk refuses bytes.</summary>
    public bool IsDiskFull { get; init; }

    /// <summary>Our limit of the download rate, bytes per second; 0: none.</summary>
    public long RateLimit { get; init; }

    /// <summary>Whether that limit is used up now.</summary>
    public bool IsRateUsedUp { get; init; }

    /// <summary>Blocks of the piece that were asked for and are not here.</summary>
    public int BlocksInFlight { get; init; }

    /// <summary>Peers that were asked for them.</summary>
    public int AskedPeers { get; init; }

    /// <summary>Those of them that are silent for longer than they should be.</summary>
    public int SilentPeers { get; init; }

    /// <summary>Bytes per second that come from the asked peers.</summary>
    public long AskedRate { get; init; }

    /// <summary>Connected peers.</summary>
    public int Peers { get; init; }

    /// <summary>Those that have the piece.</summary>
    public int PeersWithPiece { get; init; }

    /// <summary>Those with the piece that do not choke us.</summary>
    public int UnchokedWithPiece { get; init; }

    /// <summary>Dials under way.</summary>
    public int Dials { get; init; }

    /// <summary>Whether a limit of connections or of dials keeps it from dialling.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>Peers that are known by address.</summary>
    public int KnownPeers { get; init; }

    /// <summary>Those of them that could not be connected to when they were dialled last.</summary>
    public int FailedPeers { get; init; }

    /// <summary>Why no source names peers, for users; null: one works, or nothing is known yet.</summary>
    public string? SourceTrouble { get; init; }
}
