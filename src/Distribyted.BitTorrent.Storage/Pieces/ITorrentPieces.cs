namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>One torrent's pieces. No method does I/O except the asynchronous one. Safe for use by many threads.</summary>
public interface ITorrentPieces : IDisposable
{
    /// <summary>Whether the piece can be read now: verified in RAM, or stored.</summary>
    bool Has(int piece);

    /// <summary>Whether the piece is on disk and journalled: what peers are told, and <c>C</c> in the API.</summary>
    bool IsStored(int piece);

    /// <summary>How many pieces are stored.</summary>
    int StoredCount { get; }

    /// <summary>Writes the exact have-map (BEP 3 bit order); the span has ceil(pieces / 8) bytes.</summary>
    void CopyStored(Span<byte> bitfield);

    /// <summary>Opens a piece for filling: its disk slots and its memory are reserved.</summary>
    PieceOpening TryOpen(int piece, bool urgent);

    /// <summary>Reads verified bytes of one piece. 0: the piece is not (or no longer) here. Short reads are returned at once.
    /// The first read of a piece found at start hashes all of it, and drops it when it is wrong (0, and PieceGone).</summary>
    ValueTask<int> ReadAsync(int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Every stored piece is hashed again before its next bytes are given.</summary>
    void Doubt();

    /// <summary>Pins verified bytes of one piece where they lie; length 0: they are not here, or cannot be pinned now. Never waits.</summary>
    PinnedBytes PinBytes(int piece, int offset, int most);

    /// <summary>Readers only: marks the piece as used now (LRU). Uploads must not steer the cache.</summary>
    void Touch(int piece);

    /// <summary>Protects pieces first..last (inclusive) of a reader's window, read-behind included, from eviction; replaces its former window.</summary>
    /// <param name="reader">A number of the caller's for the reader.</param>
    /// <param name="first">First piece.</param>
    /// <param name="last">Last piece.</param>
    /// <param name="position">The piece of its next byte: what lies before is evicted first. -1: as <see cref="Touch"/> tells.</param>
    void SetWindow(long reader, int first, int last, int position = -1);

    /// <summary>Ends the protection of a reader's window: the reader is closed.</summary>
    void ClearWindow(long reader);

    /// <summary>Protects a piece from eviction until <see cref="Unpin"/> was called as often: a reader waits to copy it.</summary>
    void Pin(int piece);

    /// <summary>Takes one <see cref="Pin"/> back.</summary>
    void Unpin(int piece);
}
