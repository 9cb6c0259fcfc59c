namespace Distribyted.BitTorrent.Torrents;

/// <summary>Who made the torrent of a shared folder, and is told when its files are not what they were. Called on any thread; must not block.</summary>
public interface ISharedFolderOwner
{
    /// <summary>Pieces were lost or have come back.</summary>
    /// <param name="count">How many cannot be given now; 0: all are here. They are looked at again every 30 s.</param>
    void PiecesMissing(int count);

    /// <summary>A piece can be read and has other bytes than when it was hashed: its files have to be hashed again, whatever their times say.</summary>
    void PieceChanged(int piece);
}
