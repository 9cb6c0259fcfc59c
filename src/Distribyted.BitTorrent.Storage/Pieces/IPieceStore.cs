using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>Where verified pieces are kept: the piece cache, or the files of a shared folder. Safe for use by many threads.</summary>
public interface IPieceStore : IAsyncDisposable
{
    /// <summary>Opens one torrent's view. Disposing the view keeps the pieces.</summary>
    /// <exception cref="InvalidOperationException">It is open already.</exception>
    ITorrentPieces Attach(TorrentInfo info, IPieceEvents events);

    /// <summary>Whether any piece of this torrent is stored (idle torrents with pieces are announced).</summary>
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

    /// <summary>Gives memory of pieces back to the system that was not needed since the last call. May pause the process for some milliseconds.</summary>
    void GiveBackMemory();

    /// <summary>Names who else keeps bytes within the limit (<see cref="TryReserve"/>): what was used longest ago goes first, whether it is theirs or a piece.</summary>
    /// <param name="oldestUse">When what they would give up next was last used, a timestamp of the store's clock; <see cref="long.MaxValue"/>: they give up nothing.
    /// Called with a lock of the store held: it must not call back, nor block.</param>
    /// <param name="evict">Gives that up; false: there was nothing. Called on a pool thread without a lock.</param>
    void Share(Func<long> oldestUse, Func<bool> evict) { }

    /// <summary>Reserves bytes on disk for others until the result is disposed, within the limit; pieces that were used before all that the others have are evicted for
    /// it. Null: there is no space now, or others have half of the limit.</summary>
    IDisposable? TryReserve(long bytes)
    {
        return null;
    }

    /// <summary>Whether the disk refused bytes and was not tried again since.</summary>
    bool IsDiskFull => false;

    /// <summary>Pieces, bytes, capacity (-1: no limit).</summary>
    (long Items, long Filled, long Capacity) Usage { get; }
}
