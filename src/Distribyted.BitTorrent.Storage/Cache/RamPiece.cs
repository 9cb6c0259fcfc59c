using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Where a verified piece in memory is on its way to disk.</summary>
internal enum RamState
{
    /// <summary>In the queue of the writers.</summary>
    Waiting,

    /// <summary>Being written, or waiting for the journal.</summary>
    Writing,

    /// <summary>The disk is full: lives here until room comes or memory is needed.</summary>
    Homeless,

    /// <summary>Also on disk.</summary>
    Hot,

    /// <summary>No longer readable.</summary>
    Dropped,
}

/// <summary>A verified piece in memory. Guarded by the cache's lock.</summary>
internal sealed class RamPiece(CachedTorrent torrent, int piece, CacheGroup? group, PieceBuffer buffer, bool spilled)
{
    public CachedTorrent Torrent { get; } = torrent;

    public int Piece { get; } = piece;

    /// <summary>Where it goes on disk; null while it is homeless.</summary>
    public CacheGroup? Group { get; set; } = group;

    public PieceBuffer Buffer { get; } = buffer;

    /// <summary>Its bytes are in the slots already; the buffer is empty.</summary>
    public bool Spilled { get; } = spilled;

    public RamState State { get; set; }

    /// <summary>A reader has read from it.</summary>
    public bool Touched { get; set; }

    /// <summary>Its place in the list of unwritten or of hot pieces.</summary>
    public LinkedListNode<RamPiece>? Place { get; set; }
}
