namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A peer that was asked for blocks of a piece.</summary>
/// <param name="Peer">Which.</param>
/// <param name="Blocks">How many of the piece it was asked for and has not sent.</param>
/// <param name="LastAt">When the last of them is expected, microseconds of the scheduler's clock.</param>
/// <param name="IsStalled">It is silent for longer than it should be.</param>
public readonly record struct AskedPeer(PeerSlot Peer, int Blocks, long LastAt, bool IsStalled);
