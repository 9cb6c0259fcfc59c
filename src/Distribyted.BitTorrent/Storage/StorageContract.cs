using Distribyted.BitTorrent.Pieces;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Storage;

/// <summary>Where verified pieces are kept: the piece cache, or the files of a shared folder. Safe for use by many threads.</summary>
internal interface IPieceStore : IAsyncDisposable
{
    /// <summary>Opens one torrent's view. Disposing the view keeps the pieces.</summary>
    /// <exception cref="InvalidOperationException">It is open already.</exception>
    ITorrentPieces Attach(TorrentInfo info, IPieceEvents events);

    /// <summary>Whether any piece of this torrent is stored (asleep torrents with pieces are announced).</summary>
    bool HasPieces(InfoHash hash);

    /// <summary>Bytes of this torrent's stored pieces, whether it is open or not.</summary>
    long StoredBytes(InfoHash hash);

    /// <summary>Called when the last stored piece of a torrent that is not open was evicted. On a pool thread, with no lock of the store
    /// held; must not throw.</summary>
    Action<InfoHash>? Emptied { set; }

    /// <summary>Writes which pieces are stored (BEP 3 bit order, ceil(pieces / 8) bytes), whether the torrent is open or not.</summary>
    void CopyStored(TorrentInfo info, Span<byte> bitfield);

    /// <summary>Drops every piece of a torrent.</summary>
    void Remove(InfoHash hash);

    /// <summary>Pieces, bytes, capacity (-1: no limit).</summary>
    (long Items, long Filled, long Capacity) Usage { get; }
}

/// <summary>What the store tells the torrent. Called on any thread, with no lock of the store held; must not block.</summary>
internal interface IPieceEvents
{
    /// <summary>The piece is on disk and in the journal: HAVE may be sent.</summary>
    void PieceStored(int piece);

    /// <summary>The piece is no longer here (evicted, or found damaged): lt_donthave (BEP 54).</summary>
    void PieceGone(int piece);

    /// <summary>Memory or slots became free: a refused <see cref="ITorrentPieces.TryOpen"/> may succeed now.</summary>
    void RoomFreed();

    /// <summary>Readers wait for memory or slots: pieces that are open here and missed least should be given up.</summary>
    /// <param name="isOverdue">They have waited long: also pieces that are only fetched ahead.</param>
    void RoomWanted(bool isOverdue);
}

/// <summary>One torrent's pieces. No method does I/O except the asynchronous one. Safe for use by many threads.</summary>
internal interface ITorrentPieces : IDisposable
{
    /// <summary>Whether the piece can be read now: verified in RAM, or stored.</summary>
    bool Has(int piece);

    /// <summary>Whether the piece is on disk and journalled: what peers are told, and <c>C</c> in the API.</summary>
    bool IsStored(int piece);

    /// <summary>How many pieces are stored.</summary>
    int StoredCount { get; }

    /// <summary>Writes the exact have-map (BEP 3 bit order); the span has ceil(pieces / 8) bytes.</summary>
    void CopyStored(Span<byte> bitfield);

    /// <summary>Opens a piece for filling: its disk slots and its memory are reserved. Null: not now.</summary>
    /// <exception cref="TorrentException">The piece can never fit (<see cref="TorrentFailure.NoSpace"/>).</exception>
    OpenPiece? TryOpen(int piece, bool urgent);

    /// <summary>Reads verified bytes of one piece. 0: the piece is not (or no longer) here. Short reads are returned at once.
    /// The first read of a piece found at start hashes all of it, and drops it when it is wrong (0, and PieceGone).</summary>
    ValueTask<int> ReadAsync(int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Lends verified bytes of one piece where they lie; length 0: they are not here, or not to be lent now. Never waits.</summary>
    PieceLoan Lend(int piece, int offset, int most);

    /// <summary>Readers only: marks the piece as used now (LRU). Uploads must not steer the cache.</summary>
    void Touch(int piece);

    /// <summary>Protects pieces first..last (inclusive) of a reader's window, read-behind included, from eviction; replaces its former window.</summary>
    /// <param name="reader">Whose.</param>
    /// <param name="first">First piece.</param>
    /// <param name="last">Last piece.</param>
    /// <param name="place">The piece of its next byte: what lies before goes first. -1: as <see cref="Touch"/> tells.</param>
    void SetWindow(long reader, int first, int last, int place = -1);

    /// <summary>The reader is gone.</summary>
    void ClearWindow(long reader);

    /// <summary>Keeps a piece here until as many Unpins came: a reader waits to copy it.</summary>
    void Pin(int piece);

    /// <summary>Takes one Pin back.</summary>
    void Unpin(int piece);
}
