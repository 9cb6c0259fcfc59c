namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What the scheduler may do.</summary>
/// <param name="MaxAheadOfFrontier">Bytes that requests of one piece may run ahead of its hash frontier.</param>
/// <param name="MaxOutstanding">Most requests at one peer.</param>
/// <param name="HedgeShare">Share of received blocks that may be asked twice.</param>
/// <param name="ProbationPieces">Whether a peer serves one piece at a time until one with its blocks was verified: a peer that sends wrong data then spoils one piece, not a window.</param>
public readonly record struct SchedulerLimits(
    int MaxAheadOfFrontier,
    int MaxOutstanding = 512,
    double HedgeShare = 0.05,
    bool ProbationPieces = true
);
