namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>Which member of <see cref="IPieceEvents"/> an event is for.</summary>
internal enum PieceEventKind
{
    Stored,
    Gone,
    SpaceFreed,
    SpaceWanted,
    SpaceOverdue,
}
