using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Which member of <see cref="IPieceEvents"/> an event is for.</summary>
internal enum PieceEventKind
{
    Stored,
    Gone,
    SpaceFreed,
    SpaceWanted,
    SpaceOverdue,
}
