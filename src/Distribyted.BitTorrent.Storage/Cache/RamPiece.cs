using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>A verified piece in memory. Guarded by the cache's lock.</summary>
internal sealed class RamPiece(CachedTorrent torrent, int piece, CacheGroup? group, PieceBuffer buffer, bool spilled)
{
    public CachedTorrent Torrent { get; } = torrent;

    public int Piece { get; } = piece;

    /// <summary>Where it goes on disk; null while it is in memory only.</summary>
    public CacheGroup? Group { get; set; } = group;

    public PieceBuffer Buffer { get; } = buffer;

    /// <summary>Its bytes are in the slots already; the buffer is empty.</summary>
    public bool Spilled { get; } = spilled;

    /// <summary><see cref="CacheIndex.Doubts"/> before the first of its bytes went into the slots.</summary>
    public int Doubts { get; set; }

    public RamState State { get; set; }

    /// <summary>Its node in the list of unwritten or of hot pieces.</summary>
    public LinkedListNode<RamPiece>? Node { get; set; }
}
