namespace Distribyted.BitTorrent.Storage;

/// <summary>Which member of <see cref="IPieceEvents"/>.</summary>
internal enum PieceEventKind
{
    Stored,
    Gone,
    RoomFreed,
    RoomWanted,
    RoomOverdue,
}
