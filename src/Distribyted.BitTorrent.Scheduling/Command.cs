namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Something to do after a run of the scheduler: requests and cancels name <paramref name="Count"/> blocks from <paramref name="First"/> on.</summary>
public readonly record struct Command(CommandKind Kind, PeerSlot Peer, int Piece, ushort First, ushort Count);
