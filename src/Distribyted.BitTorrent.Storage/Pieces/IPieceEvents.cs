namespace Distribyted.BitTorrent.Storage.Pieces;

/// <summary>What the store tells the torrent. Called on any thread, with no lock of the store held; must not block.</summary>
public interface IPieceEvents
{
    /// <summary>The piece is on disk and in the journal: HAVE may be sent.</summary>
    void PieceStored(int piece);

    /// <summary>The piece is no longer here (evicted, or found damaged): lt_donthave (BEP 54).</summary>
    void PieceGone(int piece);

    /// <summary>Memory or slots became free: a refused <see cref="ITorrentPieces.TryOpen"/> may succeed now.</summary>
    void SpaceFreed();

    /// <summary>Readers wait for memory or slots: pieces that are open here and missed least should be given up.</summary>
    /// <param name="isOverdue">They have waited long: also pieces that are only fetched ahead.</param>
    void SpaceWanted(bool isOverdue);
}
